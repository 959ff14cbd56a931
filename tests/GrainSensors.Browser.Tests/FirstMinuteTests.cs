using System.Globalization;
using System.Text.RegularExpressions;
using GrainSensors.Browser.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GrainSensors.Browser.Tests;

/// <summary>What a newcomer does within a minute of starting <c>run</c> in a new directory.</summary>
public sealed partial class FirstMinuteTests(Chromium chromium) : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    [Fact]
    public async Task A_newcomer_sees_a_day_acknowledges_an_alert_and_requeues_a_message_that_was_rejected()
    {
        var started = TimeProvider.System.GetTimestamp();
        await using var run = Executable.Start(_folder.Path, "run", "--http-port", "0", "--mqtt-port", "0");
        var page = await chromium.OpenAsync(await AddressAsync(run), "/");

        // The day is at its end when the alert of the silent sensor is there.
        await page.VisitAsync("/alerts");
        var alert = page.Locator(".alerts li", new() { HasText = "Sensor 17: disconnected" });
        await Expect(alert).ToBeVisibleAsync(new() { Timeout = 40_000 });
        await alert.GetByRole(AriaRole.Button, new() { Name = "Acknowledge alert of sensor 17" }).ClickAsync();
        await page.GetByLabel("Your name").FillAsync("Ada");
        await alert.GetByRole(AriaRole.Button, new() { Name = "Acknowledge", Exact = true }).ClickAsync();
        await Expect(alert).ToContainTextAsync("by Ada");

        await page.VisitAsync("/sensors/9?range=1d");
        await Expect(page.Locator(".chart")).ToHaveAttributeAsync("aria-label", new Regex(": 9[5-8] windows "));
        await Chromium.ShootAsync(page, "first-minute-chart");

        await RequeueAsync(page);
        var elapsed = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        Figures.Print(string.Create(
            CultureInfo.InvariantCulture,
            $"first minute: {elapsed:0} s from the start of run to a chart of a day, an alert acknowledged and a message requeued"));
        await run.SignalAsync("INT");
        var result = await run.ExitAsync();
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Corrects a message that has no id of a sensor, and requeues it.</summary>
    private static async Task RequeueAsync(IPage page)
    {
        await page.VisitAsync("/dead-letters");
        await Expect(page.Locator(".items li")).ToHaveCountAsync(5);
        var row = page.Locator(".items li", new() { HasText = "no-sensor-id" });
        await row.GetByRole(AriaRole.Button, new() { Name = "View message" }).ClickAsync();
        await Expect(page.GetByLabel("Message", new() { Exact = true })).ToContainTextAsync("\"temperature\": 18.7");
        var text = page.GetByLabel("Corrected message");
        await text.FillAsync((await text.InputValueAsync()).Replace("{", "{\"sensor_id\":5,", StringComparison.Ordinal));
        await row.GetByRole(AriaRole.Button, new() { Name = "Requeue corrected message" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("1 message requeued.");
        await Expect(page.Locator(".items li")).ToHaveCountAsync(4);
    }

    private static async Task<string> AddressAsync(Executable run)
    {
        string? Find() => run.Output.Select(line => ConsoleLine().Match(line)).FirstOrDefault(match => match.Success)?.Groups[1].Value;
        await Until.Async(
            () => Find() is not null, () => string.Join('\n', run.Output.Concat(run.Errors)), TimeSpan.FromSeconds(60));
        return Find()!;
    }

    [GeneratedRegex(@"^Console +(http://\S+)")]
    private static partial Regex ConsoleLine();
}
