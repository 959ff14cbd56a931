using System.Globalization;

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

    /// <returns>
    /// A sentence for each grain interface that has changed without a higher version. Orleans would send new calls to older silos.
    /// </returns>
    public static IReadOnlyList<string> WithoutVersion(string baseline, string current)
    {
        var (before, after) = (Interfaces(baseline), Interfaces(current));
        return
        [
            .. after.Where(type => before.TryGetValue(type.Key, out var was)
                    && !was.Methods.SequenceEqual(type.Value.Methods)
                    && type.Value.Version <= was.Version)
                .Select(type => $"{type.Key} has changed and needs [Version({before[type.Key].Version + 1})]"),
        ];
    }

    private static Dictionary<string, (int Version, List<string> Methods)> Interfaces(string listing) => Parse(listing)
        .Where(line => line.Key.StartsWith("interface ", StringComparison.Ordinal))
        .GroupBy(line => line.Key.Split(' ')[1])
        .ToDictionary(
            type => type.Key,
            type => (
                Version: type.Where(line => IsVersion(line.Key)).Select(line => int.Parse(line.Value, CultureInfo.InvariantCulture))
                    .FirstOrDefault(),
                Methods: type.Where(line => !IsVersion(line.Key)).Select(line => $"{line.Key} = {line.Value}").ToList()));

    private static bool IsVersion(string name) => name.EndsWith($" {ContractListing.Version}", StringComparison.Ordinal);

    private static Dictionary<string, string> Parse(string listing) => listing
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(line => line.Split(" = ", 2))
        .ToDictionary(line => line[0], line => line[1]);
}
