using System.Globalization;
using System.Text.RegularExpressions;
using GrainSensors.Browser.Tests.Fixtures;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GrainSensors.Browser.Tests;

/// <summary>The alerts page: live alerts, filters, acknowledgement.</summary>
public sealed class AlertsPageTests(Chromium chromium, ConsoleServer server)
{
    [Fact]
    public async Task A_probe_that_is_disconnected_is_an_alert_within_three_seconds_without_a_reload()
    {
        const int Sensor = 9001;
        await server.ReportAsync(Sensor, 20);
        var page = await chromium.OpenAsync(server, $"/alerts?sensor={Sensor}");
        await Expect(page.GetByText("No alerts match.")).ToBeVisibleAsync();

        // Measured from here, since the server's first look at the store happens in its own time.
        await server.ReportAsync(Sensor, null);
        var started = TimeProvider.System.GetTimestamp();
        await Expect(page.Locator(".alerts li")).ToContainTextAsync("disconnected", new() { Timeout = 3000, IgnoreCase = true });
        var elapsed = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        Figures.Print(string.Create(CultureInfo.InvariantCulture, $"alert: on the page {elapsed:0.00} s after Kafka had the reading"));
        await Expect(page.Locator(".bar .count")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_alert_is_acknowledged_with_a_note()
    {
        var alert = await WriteAsync(9002, AlertKind.Extreme, "Sensor 9002: temperature 61.2 °C where 21.4 °C are usual");
        var page = await chromium.OpenAsync(server, "/alerts?sensor=9002");
        var row = page.Locator(".alerts li", new() { HasText = "61.2" });
        await row.GetByRole(AriaRole.Button, new() { Name = "Acknowledge alert of sensor 9002" }).ClickAsync();

        // Without keys all users share one name, so the field stays empty.
        await Expect(page.GetByLabel("Your name")).ToHaveValueAsync("");
        await page.GetByLabel("Your name").FillAsync("Ada");
        await page.GetByLabel("Note").FillAsync("The window is open.");
        await page.AssertAccessibleAsync();
        await Chromium.ShootAsync(page, "acknowledge");
        await row.GetByRole(AriaRole.Button, new() { Name = "Acknowledge", Exact = true }).ClickAsync();

        await Expect(row).ToContainTextAsync("by Ada");
        await Expect(row).ToContainTextAsync("The window is open.");
        var stored = await server.Store.Alerts.FindAsync(alert.Id, TestContext.Current.CancellationToken);
        Assert.Equal(("Ada", "The window is open.", AlertStatus.Acknowledged), (stored!.AcknowledgedBy, stored.Note, stored.Status));
    }

    [Fact]
    public async Task Filters_are_combined()
    {
        await WriteAsync(9003, AlertKind.Extreme, "Sensor 9003: too warm");
        await WriteAsync(9003, AlertKind.Disconnected, "Sensor 9003: disconnected");
        var page = await chromium.OpenAsync(server, "/alerts");
        await page.GetByLabel("Sensor", new() { Exact = true }).FillAsync("9003");
        await Expect(page.Locator(".alerts li")).ToHaveCountAsync(2);
        await page.GetByLabel("Level").SelectOptionAsync("ERROR");
        await Expect(page.Locator(".alerts li")).ToHaveTextAsync([new Regex("disconnected")]);
        await page.GetByLabel("Level").SelectOptionAsync("");
        await page.GetByLabel("Kind").SelectOptionAsync("extreme");
        await Expect(page.Locator(".alerts li")).ToHaveTextAsync([new Regex("too warm")]);
        await page.GetByLabel("State").SelectOptionAsync("cleared");
        await Expect(page.Locator(".alerts li")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Cleared_alerts_are_one_click_away_when_none_is_open()
    {
        var alert = await WriteAsync(9004, AlertKind.Extreme, "Sensor 9004: too cold");
        await server.Store.Alerts.WriteAsync([alert with { ClearedAt = alert.RaisedAt + 1 }], TestContext.Current.CancellationToken);
        var page = await chromium.OpenAsync(server, "/alerts?sensor=9004");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show cleared alerts" }).ClickAsync();

        await Expect(page.Locator(".alerts li")).ToContainTextAsync("too cold");
        await Expect(page.GetByLabel("State")).ToHaveValueAsync("cleared");
    }

    [Fact]
    public async Task The_chart_of_a_sensor_marks_its_alerts()
    {
        await WriteAsync(5, AlertKind.Extreme, "Sensor 5: temperature 61.2 °C where 21.4 °C are usual");
        var page = await chromium.OpenAsync(server, "/sensors/5");
        await Expect(page.Locator(".chart .alert-mark")).Not.ToHaveCountAsync(0);
        await Expect(page.Locator(".alerts li")).ToContainTextAsync(["61.2"]);
    }

    private async Task<Alert> WriteAsync(int sensorId, AlertKind kind, string message)
    {
        var now = EpochTime.Now(TimeProvider.System);
        var measurement = kind == AlertKind.Extreme ? "temperature" : "";
        var alert = new Alert(
            AlertId.Of(sensorId, measurement, kind, now), sensorId, measurement, kind, AlertNames.LevelOf(kind),
            now, now, null, 1, 61.2, 21.4, now, message);
        await server.Store.Alerts.WriteAsync([alert], TestContext.Current.CancellationToken);
        return alert;
    }
}
