using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace GrainSensors.Browser.Tests.Fixtures;

internal static class Axe
{
    /// <summary>Every rule of axe-core holds on the page as it stands.</summary>
    public static async Task AssertAccessibleAsync(this IPage page)
    {
        var result = await page.RunAxe();
        Assert.NotEmpty(result.Passes);
        Assert.True(result.Violations.Length == 0, string.Join('\n', result.Violations.Select(
            violation => $"{violation.Id} ({violation.Impact}): {violation.Help}\n  {string.Join("\n  ", violation.Nodes.Select(node => $"{node.Html} {node.Any.FirstOrDefault()?.Message}"))}")));
    }
}
