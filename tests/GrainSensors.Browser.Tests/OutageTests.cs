using GrainSensors.Browser.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GrainSensors.Browser.Tests;

/// <summary>Pages that are open when an outage begins.</summary>
public sealed class OutageTests(Chromium chromium, OutageTests.Server server) : IClassFixture<OutageTests.Server>
{
    private const int Patience = 60_000;

    [Fact]
    public async Task Open_pages_tell_of_an_outage_of_Kafka_and_of_its_end_and_no_sensor_gets_disconnected()
    {
        var pages = new List<IPage>();
        foreach (var path in new[] { "/", "/alerts", "/sensors/3", "/cluster" })
        {
            pages.Add(await chromium.OpenAsync(server, path));
        }

        var reporting = pages[0].Locator(".tile", new() { HasText = "Reporting" }).Locator(".value");
        await Expect(reporting).ToHaveTextAsync("20", new() { Timeout = Patience });
        server.Broker.SetDown(true);
        foreach (var page in pages)
        {
            await Expect(Banner(page)).ToBeVisibleAsync(new() { Timeout = Patience });
        }

        // The banner comes at least 5 s after the sensors' last readings, which is longer than their timeout.
        await Expect(reporting).ToHaveTextAsync("20");
        await pages[0].AssertAccessibleAsync();

        server.Broker.SetDown(false);
        foreach (var page in pages)
        {
            await Expect(Banner(page)).ToHaveCountAsync(0, new() { Timeout = Patience });
        }
    }

    private static ILocator Banner(IPage page) =>
        page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "Windows are not written since" });

    public sealed class Server : ConsoleServer
    {
        protected override Dictionary<string, string?> Overrides => new() { ["Monitor:Timeout"] = "00:00:04" };
    }
}
