using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using GrainSensors.Browser.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GrainSensors.Browser.Tests;

/// <summary>The table of sensors with 10,000 of them.</summary>
public sealed class LargeFleetTests(Chromium chromium, LargeConsoleServer server) : IClassFixture<LargeConsoleServer>
{
    private const int MostRows = 200;

    /// <summary>Compressed bytes of page, style sheet and scripts without Blazor's own.</summary>
    private const int MostBytes = 200 * 1024;

    [Fact]
    public async Task Scrolls_and_filters_with_few_rows_in_the_document()
    {
        server.Begin();
        var page = await chromium.OpenAsync(server, "/");
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("10,000 sensors", new() { Timeout = 60_000 });
        var paint = await page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1");
        await AssertFewRowsAsync(page);

        var scroll = page.GetByRole(AriaRole.Region, new() { Name = "Sensors" });
        await page.EvaluateAsync("window.frames_ = 0; (function count() { window.frames_++; requestAnimationFrame(count); })()");
        var frames = await page.EvaluateAsync<double>("window.frames_");
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 1; i <= 20; i++)
        {
            await scroll.EvaluateAsync("(element, part) => element.scrollTop = element.scrollHeight * part", i / 20.0);
            await page.EvaluateAsync("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
            await AssertFewRowsAsync(page);
        }

        var rate = (await page.EvaluateAsync<double>("window.frames_") - frames) / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        await Expect(page.Locator("tbody a[href='sensors/10000']")).ToBeVisibleAsync();

        var typed = TimeProvider.System.GetTimestamp();
        await page.GetByPlaceholder("Filter by name, location or tag").PressSequentiallyAsync("777");
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("11 of 10,000 sensors");
        var answered = TimeProvider.System.GetElapsedTime(typed);
        await Expect(page.Locator("tbody tr a").First).ToHaveTextAsync("777");
        var rows = await RowsAsync(page);
        Figures.Print(string.Create(
            CultureInfo.InvariantCulture,
            $"console: 10,000 sensors: first paint {paint:0} ms, {rate:0} frames/s while scrolling, "
            + $"{answered.TotalMilliseconds:0} ms for three keys of the filter, {rows} rows in the document"));
        await Chromium.ShootAsync(page, "fleet-10000");
    }

    [Fact]
    public async Task The_first_view_is_small()
    {
        server.Begin();
        using var http = new HttpClient { BaseAddress = new(server.Address) };
        http.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("br"));
        using var first = await http.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        var body = await first.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        await using var stream = new BrotliStream(new MemoryStream(body), CompressionMode.Decompress);
        var html = await new StreamReader(stream).ReadToEndAsync(TestContext.Current.CancellationToken);
        var (own, framework) = ((long)body.Length, 0L);
        foreach (var path in Regex.Matches(html, "(?:href|src)=\"(_console/[^\"]+)\"").Select(match => match.Groups[1].Value))
        {
            var size = (await http.GetByteArrayAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken)).Length;
            (own, framework) = path.Contains("blazor", StringComparison.Ordinal) ? (own, framework + size) : (own + size, framework);
        }

        Figures.Print(string.Create(
            CultureInfo.InvariantCulture,
            $"console: the first view is {own / 1024.0:0.0} KB compressed, and Blazor's script {framework / 1024.0:0.0} KB"));
        Assert.True(framework > 0);
        Assert.InRange(own, 1, MostBytes);
        Assert.DoesNotContain("http://", Regex.Replace(html, "http://www.w3.org/[^\"]*", ""), StringComparison.Ordinal);
        Assert.DoesNotContain("https://", html, StringComparison.Ordinal);
    }

    private static async Task AssertFewRowsAsync(IPage page) => Assert.InRange(await RowsAsync(page), 0, MostRows);

    private static Task<int> RowsAsync(IPage page) => page.Locator("tr").CountAsync();
}
