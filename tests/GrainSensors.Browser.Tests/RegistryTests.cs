using GrainSensors.Browser.Tests.Fixtures;
using GrainSensors.Storage.Sensors;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GrainSensors.Browser.Tests;

/// <summary>The registry entry on the page of a sensor, and in the fleet.</summary>
public sealed class RegistryTests(Chromium chromium, ConsoleServer server)
{
    [Fact]
    public async Task A_sensor_with_a_name_is_registered_edited_and_found_by_its_tag()
    {
        var page = await chromium.OpenAsync(server, "/sensors/named?sensor=pump%2Fx");
        await page.GetByRole(AriaRole.Button, new() { Name = "Register" }).ClickAsync();
        await page.GetByLabel("Name").FillAsync("Pump");
        await page.GetByLabel("City").FillAsync("A Coruña");
        await page.GetByLabel("Latitude").FillAsync("91");
        await page.GetByLabel("Longitude").FillAsync("-8.4");
        await page.GetByLabel("Tags, one a line").FillAsync("room=cellar\nfloor=low");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("latitude must be a number from -90 to 90; got 91.");
        await page.GetByLabel("Latitude").FillAsync("43.4");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await Expect(page.Locator(".entry")).ToContainTextAsync("43.4°, -8.4°");
        var entry = await server.Store.Sensors
            .ReadAllAsync(null, TestContext.Current.CancellationToken)
            .FirstAsync(sensor => sensor.Name == "pump/x", TestContext.Current.CancellationToken);
        Assert.Equal(("Pump", "floor=low, room=cellar"), (entry.DisplayName, $"{entry.Tags}"));

        await page.VisitAsync("/");
        await page.GetByPlaceholder("Filter by name, location or tag").PressSequentiallyAsync("coruna room=cellar");
        var row = page.Locator("table:not(.coming) tbody tr:has(a)");
        await Expect(row).ToHaveCountAsync(1, new() { Timeout = 60_000 });
        await Expect(row.GetByRole(AriaRole.Link)).ToHaveTextAsync("Pump");
        await row.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Pump" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_entry_that_changed_meanwhile_is_shown_for_editing_and_never_overwritten()
    {
        var stop = TestContext.Current.CancellationToken;
        await server.Store.Sensors.WriteAsync([new(8701) { DisplayName = "First" }], stop);
        var page = await chromium.OpenAsync(server, "/sensors/8701");
        await Expect(page.Locator(".entry")).ToContainTextAsync("First");
        await server.Store.Sensors.WriteAsync([new(8701) { DisplayName = "Second" }], stop);
        await page.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await Expect(page.GetByLabel("Name")).ToHaveValueAsync("Second");

        await server.Store.Sensors.WriteAsync([new(8701) { DisplayName = "Third" }], stop);
        await page.GetByLabel("City").FillAsync("Vigo");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("changed elsewhere");
        Assert.Equal(new(8701) { DisplayName = "Third" }, await server.Store.Sensors.FindAsync(8701, stop));
    }
}
