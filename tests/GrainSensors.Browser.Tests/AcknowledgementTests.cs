using GrainSensors.Browser.Tests.Fixtures;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GrainSensors.Browser.Tests;

/// <summary>Acknowledgement of an alert by a user who has logged in with a key.</summary>
public sealed class AcknowledgementTests(Chromium chromium, LockedConsoleServer server) : IClassFixture<LockedConsoleServer>
{
    [Theory]
    [InlineData(9101, null, "by bob", null)]
    [InlineData(9102, "Ada", "by bob for Ada", "for Ada")]
    public async Task The_name_of_the_key_is_in_the_alert_and_in_the_audit_log_whatever_the_user_enters(
        int sensorId, string? name, string shown, string? detail)
    {
        var stop = TestContext.Current.CancellationToken;
        var now = EpochTime.Now(TimeProvider.System);
        var alert = new Alert(
            AlertId.Of(sensorId, "temperature", AlertKind.Extreme, now), sensorId, "temperature", AlertKind.Extreme, AlertLevel.Warning,
            now, now, null, 1, 61.2, 21.4, now, "too warm");
        await server.Store.Alerts.WriteAsync([alert], stop);
        var page = await chromium.OpenUnconnectedAsync(server, $"/alerts?sensor={sensorId}");
        await page.GetByLabel("Key").FillAsync(LockedConsoleServer.Key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await page.Locator("main[data-live='true']").WaitForAsync();

        var row = page.Locator(".alerts li", new() { HasText = "too warm" });
        await row.GetByRole(AriaRole.Button, new() { Name = $"Acknowledge alert of sensor {sensorId}" }).ClickAsync();
        await Expect(page.GetByLabel("Your name")).ToHaveValueAsync("bob");
        if (name is not null)
        {
            await page.GetByLabel("Your name").FillAsync(name);
        }

        await row.GetByRole(AriaRole.Button, new() { Name = "Acknowledge", Exact = true }).ClickAsync();

        await Expect(row).ToContainTextAsync($"{shown},");
        var stored = await server.Store.Alerts.FindAsync(alert.Id, stop);
        Assert.Equal(("bob", name), (stored!.AcknowledgedBy, stored.AcknowledgedFor));
        var entries = await server.Store.Access.Audit.QueryAsync(new(), stop);
        var entry = Assert.Single(entries, entry => entry.Action == "alert-acknowledge" && entry.Target == $"{alert.Id}");
        Assert.Equal(("bob", detail, "127.0.0.1"), (entry.Actor, entry.Detail, entry.Address));
    }
}
