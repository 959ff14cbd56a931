using Microsoft.Playwright;

namespace GrainSensors.Browser.Tests.Fixtures;

internal static class Visits
{
    /// <summary>Completes when the page is connected; until then it is not updated.</summary>
    public static async Task VisitAsync(this IPage page, string path)
    {
        await page.GotoAsync(path);
        await page.Locator("main[data-live='true']").WaitForAsync();
        await page.Locator("table.coming").WaitForAsync(new() { State = WaitForSelectorState.Detached });
    }
}
