using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace GrainSensors.Browser.Tests.Fixtures;

internal static class Axe
{
    /// <summary>Asserts that the page violates no rule of axe-core.</summary>
    public static async Task AssertAccessibleAsync(this IPage page)
    {
        var result = await page.RunAxe();
        Assert.NotEmpty(result.Passes);
        var lines =
            from violation in result.Violations
            let nodes = violation.Nodes.Select(node => $"  {node.Html} {node.Any.FirstOrDefault()?.Message}")
            select $"{violation.Id} ({violation.Impact}): {violation.Help}\n{string.Join('\n', nodes)}";
        Assert.True(result.Violations.Length == 0, string.Join('\n', lines));
    }
}
