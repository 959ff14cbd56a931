using GrainSensors.Browser.Tests.Fixtures;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GrainSensors.Browser.Tests;

/// <summary>The page of silences.</summary>
public sealed class SilencesPageTests(Chromium chromium, ConsoleServer server)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_alert_leads_to_a_silence_with_its_matchers_which_is_made_listed_and_ended()
    {
        var now = EpochTime.Now(TimeProvider.System);
        var alert = new Alert(
            AlertId.Of(9201, "temperature", AlertKind.Extreme, now), 9201, "temperature", AlertKind.Extreme, AlertLevel.Warning,
            now, now, null, 1, 61.2, 21.4, now, "too warm");
        await server.Store.Alerts.WriteAsync([alert], Stop);
        var page = await chromium.OpenAsync(server, "/alerts?sensor=9201");
        await page.GetByRole(AriaRole.Link, new() { Name = "Silence alert of sensor 9201" }).ClickAsync();

        const string Matchers = "sensor_id=\"9201\"\nrule=\"extreme\"\nmeasurement=\"temperature\"";
        await Expect(page.GetByLabel("Matchers")).ToHaveValueAsync(Matchers);
        await page.GetByLabel("Your name").FillAsync("Ada");
        await page.GetByLabel("Reason").FillAsync("<b>new</b> probe");
        await page.GetByLabel("For", new() { Exact = true }).FillAsync("soon");
        await page.GetByRole(AriaRole.Button, new() { Name = "Silence", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("for must be a duration such as");
        await page.AssertAccessibleAsync();

        await page.GetByLabel("For", new() { Exact = true }).FillAsync("2h");
        await page.GetByRole(AriaRole.Button, new() { Name = "Silence", Exact = true }).ClickAsync();
        var row = page.Locator(".items li", new() { HasText = "9201" });
        await Expect(row).ToContainTextAsync("<b>new</b> probe");
        await Expect(row).ToContainTextAsync("Active");
        await Expect(page.Locator("#list")).ToBeFocusedAsync();
        var stored = Assert.Single(await server.Store.Silences.ReadAsync(Stop), silence => silence.By == "Ada");
        Assert.Equal(Matchers.Split('\n'), stored.Matchers);
        Assert.NotNull((await server.Store.Alerts.FindAsync(alert.Id, Stop))!.SilencedUntil);

        await row.GetByRole(AriaRole.Button, new() { Name = "End the silence of" }).ClickAsync();
        await Expect(row.GetByRole(AriaRole.Button, new() { Name = "Cancel" })).ToBeFocusedAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "End", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Ended the silence of");
        await Expect(page.Locator("#list")).ToBeFocusedAsync();
        Assert.DoesNotContain(await server.Store.Silences.ReadAsync(Stop), silence => silence.By == "Ada");
        await page.GetByText("Ended (").ClickAsync();
        await Expect(row).ToContainTextAsync("Ended");
        var actions = (await server.Store.Access.Audit.QueryAsync(new(), Stop)).Where(entry => entry.Target == $"{stored.Id}");
        Assert.Equal(["silence-add", "silence-end"], actions.Select(entry => entry.Action).Order());
    }
}
