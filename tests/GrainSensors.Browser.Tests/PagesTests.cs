using System.Text.RegularExpressions;
using GrainSensors.Browser.Tests.Fixtures;
using GrainSensors.Ingest.Producing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GrainSensors.Browser.Tests;

/// <summary>The pages of a sensor and of the cluster, with live data.</summary>
public sealed class PagesTests(Chromium chromium, ConsoleServer server)
{
    [Fact]
    public async Task A_sensor_shows_its_windows_as_a_mean_line_with_a_band_and_gives_them_as_CSV()
    {
        var page = await chromium.OpenAsync(server, "/sensors/3");

        // The mean of a single window is a dot, which has no extent; the second window makes it a line.
        await Expect(page.Locator(".chart .mean")).ToBeVisibleAsync(new() { Timeout = 15_000 });
        await Expect(page.Locator(".chart .band")).ToHaveCountAsync(1);
        var drawn = await page.Locator(".chart").GetAttributeAsync("aria-label");

        // The chart shows the next window without a reload.
        await Expect(page.Locator(".chart")).Not.ToHaveAttributeAsync("aria-label", drawn!, new() { Timeout = 15_000 });

        var link = page.GetByRole(AriaRole.Link, new() { Name = "Download CSV" });
        var download = await page.RunAndWaitForDownloadAsync(() => link.ClickAsync());
        Assert.Equal("sensor-3-PT5S.csv", download.SuggestedFilename);
        var lines = await File.ReadAllLinesAsync((await download.PathAsync())!, TestContext.Current.CancellationToken);
        Assert.StartsWith("sensor_id,metric,window_start", lines[0], StringComparison.Ordinal);
        Assert.All(lines.Skip(1), line => Assert.StartsWith("3,", line, StringComparison.Ordinal));
        Assert.True(lines.Length > 2);
    }

    [Fact]
    public async Task A_sensor_shows_other_measurements_and_longer_periods()
    {
        var page = await chromium.OpenAsync(server, "/sensors/3");
        await page.GetByRole(AriaRole.Link, new() { Name = "Humidity" }).ClickAsync();
        await Expect(page.Locator(".chart")).ToHaveAttributeAsync("aria-label", new Regex("^Humidity of sensor 3"));
        await page.GetByRole(AriaRole.Link, new() { Name = "1 h", Exact = true }).ClickAsync();

        // The windows since the server's start fall into one or two hours.
        await Expect(page.Locator(".chart")).ToHaveAttributeAsync("aria-label", new Regex(": (1 window|2 windows) "));
    }

    [Fact]
    public async Task The_cluster_shows_silos_partitions_and_the_bytes_of_a_dead_letter_as_it_comes()
    {
        var page = await chromium.OpenAsync(server, "/cluster");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Silos" }).Locator("tbody tr")).ToHaveCountAsync(1);
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Partitions" }).Locator("tbody tr")).ToHaveCountAsync(4);

        var producer = server.Services<ReadingProducer>();
        await producer.AppendAsync(9, "no reading at all"u8.ToArray(), cancellationToken: TestContext.Current.CancellationToken);

        var letter = page.Locator("tr", new() { HasText = "not-json" }).First;
        await Expect(letter).ToContainTextAsync("no reading at all", new() { Timeout = 30_000 });
        await letter.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Locator("pre.bytes")).ToContainTextAsync("6e 6f 20 72 65 61 64 69");
        await page.AssertAccessibleAsync();
        await Chromium.ShootAsync(page, "cluster");

        // On a phone the button stays visible beside the dead letter while its bytes are shown.
        await page.SetViewportSizeAsync(390, 844);
        var button = await letter.GetByRole(AriaRole.Button).BoundingBoxAsync();
        Assert.True(button!.X + button.Width <= 390, $"The button ends at {button.X + button.Width} px.");
    }

    [Fact]
    public async Task The_page_of_the_API_shows_every_operation_and_tries_one()
    {
        var page = await chromium.OpenUnconnectedAsync(server, "/");
        var errors = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                errors.Add(message.Text);
            }
        };
        await page.GotoAsync("/api");
        var status = page.Locator("#operations-Status-GetStatus");
        await status.ClickAsync();
        await status.GetByRole(AriaRole.Button, new() { Name = "Try it out" }).ClickAsync();
        await status.GetByRole(AriaRole.Button, new() { Name = "Execute" }).ClickAsync();
        await Expect(status.Locator(".live-responses-table")).ToContainTextAsync("is_healthy");
        await Expect(page.Locator(".opblock")).ToHaveCountAsync(48);
        await Chromium.ShootAsync(page, "api");
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("/", "tbody tr a", ColorScheme.Light)]
    [InlineData("/", "tbody tr a", ColorScheme.Dark)]
    [InlineData("/sensors/3", ".chart .mean", ColorScheme.Light)]
    [InlineData("/sensors/3", ".chart .mean", ColorScheme.Dark)]
    [InlineData("/alerts", "h1", ColorScheme.Light)]
    [InlineData("/alerts", "h1", ColorScheme.Dark)]
    [InlineData("/cluster", "tbody tr", ColorScheme.Light)]
    [InlineData("/cluster", "tbody tr", ColorScheme.Dark)]
    [InlineData("/silences", ".panel", ColorScheme.Light)]
    [InlineData("/silences", ".panel", ColorScheme.Dark)]
    [InlineData("/rules", "[aria-labelledby=built-in] li", ColorScheme.Light)]
    [InlineData("/rules", "[aria-labelledby=built-in] li", ColorScheme.Dark)]
    [InlineData("/dead-letters", "#list", ColorScheme.Light)]
    [InlineData("/dead-letters", "#list", ColorScheme.Dark)]
    [InlineData("/contacts", "#undelivered", ColorScheme.Light)]
    [InlineData("/contacts", "#undelivered", ColorScheme.Dark)]
    [InlineData("/nowhere", "h1", ColorScheme.Light)]
    public async Task No_page_has_a_barrier_that_axe_core_finds(string path, string content, ColorScheme scheme)
    {
        var page = await chromium.OpenAsync(server, path, scheme: scheme);
        await Expect(page.Locator(content).First).ToBeVisibleAsync();
        await page.AssertAccessibleAsync();
    }
}
