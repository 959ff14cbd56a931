namespace GrainSensors.Contracts.Tests;

/// <summary>The differences between two listings, one sentence each.</summary>
internal static class ContractChanges
{
    public static IReadOnlyList<string> Between(string baseline, string current)
    {
        var (before, after) = (Parse(baseline), Parse(current));
        return
        [
            .. before.Keys.Union(after.Keys).Order(StringComparer.Ordinal).Select(what =>
                !after.TryGetValue(what, out var now) ? $"removed: {what} (it was {before[what]})"
                : !before.TryGetValue(what, out var was) ? $"added:   {what} is {now}"
                : was != now ? $"changed: {what} is {now}, and was {was}"
                : null).OfType<string>(),
        ];
    }

    private static Dictionary<string, string> Parse(string listing) => listing
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(line => line.Split(" = ", 2))
        .ToDictionary(line => line[0], line => line[1]);
}
