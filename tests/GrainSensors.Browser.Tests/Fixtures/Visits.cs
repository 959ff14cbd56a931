using Microsoft.Playwright;

namespace GrainSensors.Browser.Tests.Fixtures;

internal static class Visits
{
    /// <returns>When the page is connected: before, it shows what there is but hears nothing.</returns>
    public static async Task VisitAsync(this IPage page, string path)
    {
        await page.GotoAsync(path);
        await page.Locator("main[data-live='true']").WaitForAsync();
        await page.Locator("table.coming").WaitForAsync(new() { State = WaitForSelectorState.Detached });
    }
}
