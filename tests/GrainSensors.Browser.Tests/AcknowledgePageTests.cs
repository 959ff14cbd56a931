using GrainSensors.Browser.Tests.Fixtures;
using GrainSensors.Contacts.Acknowledgement;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Contacts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GrainSensors.Browser.Tests;

/// <summary>The page behind the link of a message, on a phone.</summary>
public sealed class AcknowledgePageTests(Chromium chromium, ContactsPageTests.Server server) : IClassFixture<ContactsPageTests.Server>
{
    private const int Width = 390;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(9301, ColorScheme.Light)]
    [InlineData(9302, ColorScheme.Dark)]
    public async Task A_link_acknowledges_on_a_phone_without_a_barrier(int sensor, ColorScheme scheme)
    {
        var now = EpochTime.Now(TimeProvider.System);
        var alert = new Alert(
            AlertId.Of(sensor, "", AlertKind.Disconnected, now), sensor, "", AlertKind.Disconnected, AlertLevel.Error, now, now, null, 1,
            double.NaN, double.NaN, now, $"Sensor {sensor}: {new string('x', 120)} <b>disconnected</b>");
        await server.Store.Alerts.WriteAsync([alert], Stop);
        var link = server.Services<AcknowledgeLinks>().Of(
            new(Guid.CreateVersion7(), "fixed", alert.Id, 1, NotificationEvent.Raised, "{}"))!;
        var page = await chromium.OpenUnconnectedAsync(server, "about:blank");
        await page.SetViewportSizeAsync(Width, 844);
        await page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await page.GotoAsync(new Uri(link).PathAndQuery);
        await AssertUsableAsync(page);
        await page.GetByLabel("Your name (optional)").FillAsync("Ana");
        await page.GetByRole(AriaRole.Button, new() { Name = "Acknowledge" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The alert is acknowledged.");
        await AssertUsableAsync(page);
        Assert.Equal("Ana", (await server.Store.Alerts.FindAsync(alert.Id, Stop))!.AcknowledgedFor);

        await page.GotoAsync("/acknowledge?token=nonsense");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("This link is invalid.");
        await AssertUsableAsync(page);
    }

    private static async Task AssertUsableAsync(IPage page)
    {
        await page.AssertAccessibleAsync();
        var width = await page.EvaluateAsync<int>("document.documentElement.scrollWidth");
        Assert.True(width <= Width, $"The page is {width} px wide.");
    }
}
