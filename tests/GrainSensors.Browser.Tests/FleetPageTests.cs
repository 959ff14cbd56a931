using System.Globalization;
using System.Text.RegularExpressions;
using GrainSensors.Browser.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GrainSensors.Browser.Tests;

/// <summary>The fleet page, with live data.</summary>
public sealed class FleetPageTests(Chromium chromium, ConsoleServer server)
{
    [Fact]
    public async Task Moves_within_five_seconds_without_a_reload()
    {
        var page = await chromium.OpenAsync(server, "/");
        // Sensor 7 is simulated; the sensors of other tests have a single reading.
        var row = page.Locator("tbody tr:has(a[href='sensors/7'])");
        var value = row.Locator("td.number").First;
        await Expect(value).ToHaveTextAsync(new Regex(@"^-?\d+\.\d\d$"));
        var before = await value.InnerTextAsync();

        await Expect(value).Not.ToHaveTextAsync(before, new() { Timeout = 5000 });
        await Expect(page.Locator(".tile", new() { HasText = "Reporting" }).Locator(".value")).Not.ToHaveTextAsync("0");
        await Expect(row.Locator(".spark .line")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Has_rows_from_the_first_paint_on_and_is_never_empty_while_it_connects()
    {
        var page = await chromium.OpenAsync(server, "/alerts");
        await page.AddInitScriptAsync(
            """
            (() => {
                const isVisible = link => link.checkVisibility({ visibilityProperty: true });
                const seen = () => [...document.querySelectorAll('tbody tr a')].filter(isVisible).length;
                let had = false;
                window.wasEmpty = 0;
                const look = () => {
                    const rows = seen();
                    had ||= rows > 0;
                    window.wasEmpty += had && rows === 0 ? 1 : 0;
                    requestAnimationFrame(look);
                };
                requestAnimationFrame(look);
            })();
            """);
        await page.VisitAsync("/");

        // Virtualized rows have replaced the first ones, and are updated.
        var value = page.Locator("table:not(.coming) tr:has(a[href='sensors/7']) td.number").First;
        await Expect(page.Locator(".scroll table")).ToHaveCountAsync(1);
        var before = await value.InnerTextAsync();
        await Expect(value).Not.ToHaveTextAsync(before);
        Assert.Equal(0, await page.EvaluateAsync<int>("window.wasEmpty"));
    }

    [Fact]
    public async Task Filters_at_each_key_and_sorts_by_a_heading()
    {
        var page = await chromium.OpenAsync(server, "/");
        await Expect(page.Locator("tbody tr a")).Not.ToHaveCountAsync(0);
        await page.GetByPlaceholder("Filter by name, location or tag").PressSequentiallyAsync("1");

        // Sensors 1 and 10 to 19; the ids of other tests start with 9.
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync(new Regex("^11 of "));
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

        foreach (var path in new[] { "/", "/sensors/3", "/alerts", "/silences", "/rules", "/contacts", "/dead-letters", "/cluster" })
        {
            await page.VisitAsync(path);
            await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
            var width = await page.EvaluateAsync<int>("document.documentElement.scrollWidth");
            Assert.True(width <= 375, string.Create(CultureInfo.InvariantCulture, $"{path} is {width} px wide."));
        }

        // The labels of the chart do not shrink with it.
        await page.VisitAsync("/sensors/3");
        var label = await page.Locator(".chart .value").First.BoundingBoxAsync();
        Assert.True(label!.Height >= 12, string.Create(CultureInfo.InvariantCulture, $"The chart's labels are {label.Height} px high."));
        await Chromium.ShootAsync(page, "sensor-phone");

        await page.VisitAsync("/");
        await Expect(page.Locator("tbody tr a")).Not.ToHaveCountAsync(0);
        await Chromium.ShootAsync(page, "fleet-phone");
    }

    [Fact]
    public async Task Is_dark_where_the_system_is_and_remembers_the_choice_of_the_user()
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

    /// <returns>Brightness of the background, from 0 to 255.</returns>
    private static Task<double> BrightnessAsync(IPage page) => page.EvaluateAsync<double>(
        """
        (() => {
            const canvas = document.createElement('canvas').getContext('2d');
            canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
            canvas.fillRect(0, 0, 1, 1);
            const pixel = canvas.getImageData(0, 0, 1, 1).data;
            return (pixel[0] + pixel[1] + pixel[2]) / 3;
        })()
        """);
}
