using System.Globalization;
using GrainSensors.Browser.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GrainSensors.Browser.Tests;

/// <summary>The first page, with live data.</summary>
public sealed class FleetPageTests(Chromium chromium, ConsoleServer server)
{
    [Fact]
    public async Task Moves_within_five_seconds_without_a_reload()
    {
        var page = await chromium.OpenAsync(server, "/");
        // Not just any row: sensors of other tests have a single reading.
        var row = page.Locator("tbody tr:has(a[href='/sensors/7'])");
        var value = row.Locator("td.number").First;
        await Expect(value).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(@"^-?\d+\.\d\d$"));
        var before = await value.InnerTextAsync();

        await Expect(value).Not.ToHaveTextAsync(before, new() { Timeout = 5000 });
        await Expect(page.Locator(".tile", new() { HasText = "Reporting" }).Locator(".value")).Not.ToHaveTextAsync("0");
        await Expect(row.Locator(".spark .line")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Has_rows_from_the_first_paint_on_and_never_stands_empty_while_it_connects()
    {
        var page = await chromium.OpenAsync(server, "/alerts");
        await page.AddInitScriptAsync(
            """
            (() => {
                const seen = () => [...document.querySelectorAll('tbody tr a')].filter(link => link.checkVisibility({ visibilityProperty: true })).length;
                let had = false;
                window.stoodEmpty = 0;
                const look = () => {
                    const rows = seen();
                    had ||= rows > 0;
                    window.stoodEmpty += had && rows === 0 ? 1 : 0;
                    requestAnimationFrame(look);
                };
                requestAnimationFrame(look);
            })();
            """);
        await page.VisitAsync("/");

        // The rows that scroll have taken over, and move.
        var value = page.Locator("table:not(.coming) tr:has(a[href='/sensors/7']) td.number").First;
        await Expect(page.Locator(".scroll table")).ToHaveCountAsync(1);
        var before = await value.InnerTextAsync();
        await Expect(value).Not.ToHaveTextAsync(before);
        Assert.Equal(0, await page.EvaluateAsync<int>("window.stoodEmpty"));
    }

    [Fact]
    public async Task Filters_while_one_types_and_sorts_by_a_heading()
    {
        var page = await chromium.OpenAsync(server, "/");
        await Expect(page.Locator("tbody tr a")).Not.ToHaveCountAsync(0);
        await page.GetByPlaceholder("Filter by id or place").PressSequentiallyAsync("1");

        // 1 and 10 to 19; those of other tests begin with 9.
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("11 shown");
        var heading = page.GetByRole(AriaRole.Button, new() { Name = "Sensor", Exact = true });
        await heading.ClickAsync();
        await heading.ClickAsync();
        await Expect(page.Locator("th[aria-sort='descending']")).ToHaveTextAsync("Sensor▾");
        await Expect(page.Locator("tbody tr a").First).ToHaveTextAsync("19");
    }

    [Fact]
    public async Task Can_be_used_by_the_keyboard_alone()
    {
        var page = await chromium.OpenAsync(server, "/");
        await Expect(page.Locator("tbody tr a")).Not.ToHaveCountAsync(0);
        for (var i = 0; i < 40 && !await page.EvaluateAsync<bool>("document.activeElement.matches('tbody a')"); i++)
        {
            await page.Keyboard.PressAsync("Tab");
        }

        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Sensor");
    }

    [Fact]
    public async Task Fits_a_phone()
    {
        var page = await chromium.OpenAsync(server, "/", width: 375, height: 812);
        await Expect(page.Locator("tbody tr a")).Not.ToHaveCountAsync(0);

        foreach (var path in new[] { "/", "/sensors/3", "/alerts", "/cluster" })
        {
            await page.VisitAsync(path);
            await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
            var width = await page.EvaluateAsync<int>("document.documentElement.scrollWidth");
            Assert.True(width <= 375, string.Create(CultureInfo.InvariantCulture, $"{path} is {width} px wide."));
        }

        // What is written at the chart is not shrunk with it.
        await page.VisitAsync("/sensors/3");
        var label = await page.Locator(".chart .value").First.BoundingBoxAsync();
        Assert.True(label!.Height >= 12, string.Create(CultureInfo.InvariantCulture, $"The chart's labels are {label.Height} px high."));
        await Chromium.ShootAsync(page, "sensor-phone");

        await page.VisitAsync("/");
        await Expect(page.Locator("tbody tr a")).Not.ToHaveCountAsync(0);
        await Chromium.ShootAsync(page, "fleet-phone");
    }

    [Fact]
    public async Task Is_dark_where_the_system_is_and_remembers_what_one_chooses()
    {
        var page = await chromium.OpenAsync(server, "/", scheme: ColorScheme.Dark);
        await Expect(page.Locator("tbody tr a")).Not.ToHaveCountAsync(0);
        Assert.True(await BrightnessAsync(page) < 60);
        await Chromium.ShootAsync(page, "fleet-dark");

        await page.GetByRole(AriaRole.Button, new() { Name = "Switch between light and dark" }).ClickAsync();
        Assert.True(await BrightnessAsync(page) > 200);
        await page.ReloadAsync();
        Assert.True(await BrightnessAsync(page) > 200);
    }

    /// <returns>Of the ground, 0…255.</returns>
    private static Task<double> BrightnessAsync(IPage page) => page.EvaluateAsync<double>(
        "(() => { const c = document.createElement('canvas').getContext('2d'); c.fillStyle = getComputedStyle(document.body).backgroundColor; c.fillRect(0, 0, 1, 1); const d = c.getImageData(0, 0, 1, 1).data; return (d[0] + d[1] + d[2]) / 3; })()");
}
