using System.Text.RegularExpressions;

namespace GrainSensors.EndToEnd.Tests.Telemetry;

/// <summary>What a query of Prometheus names, as far as ours go: no subqueries, no @, no offsets.</summary>
internal static partial class PromQl
{
    private static readonly string[] Keywords =
        ["and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "bool"];

    /// <returns>The series that it reads.</returns>
    public static IReadOnlySet<string> Series(string query) => Word()
        .Matches(Grouping().Replace(Braces().Replace(query, " "), " "))
        .Select(match => match.Value)
        .Where(word => !Keywords.Contains(word))
        .ToHashSet();

    /// <returns>The labels by which it groups.</returns>
    public static IReadOnlySet<string> Labels(string query) =>
        Grouping().Matches(query).SelectMany(match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)).ToHashSet();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]")]
    private static partial Regex Braces();

    [GeneratedRegex(@"\bby \(([^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\b[a-zA-Z_:][\w:]*\b(?!\s*\()")]
    private static partial Regex Word();
}
