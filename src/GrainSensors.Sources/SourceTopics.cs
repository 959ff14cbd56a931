using System.Text.RegularExpressions;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Patterns;

namespace GrainSensors.Sources;

/// <summary>The Kafka topics of the sources of a configuration.</summary>
public sealed class SourceTopics
{
    private readonly List<(Glob Pattern, SourceOptions Source)> _patterns;

    public SourceTopics(IReadOnlyList<SourceOptions> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        All = sources;
        _patterns = [.. sources.SelectMany(source => source.Topics.Select(topic => (new Glob(topic), source)))];
        Names = [.. TopicsOf(sources).Where(topic => !IsPattern(topic))];
        Expressions = [.. TopicsOf(sources).Where(IsPattern).Select(ExpressionOf)];
    }

    /// <summary>The sources.</summary>
    public IReadOnlyList<SourceOptions> All { get; }

    /// <summary>The topics that are given by name.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Regular expressions of the topics that are given by a pattern, for a Kafka client: each begins with <c>^</c>.</summary>
    public IReadOnlyList<string> Expressions { get; }

    /// <returns>The source that has the topic; null: none.</returns>
    public SourceOptions? Find(string topic) => _patterns.Find(entry => entry.Pattern.Matches(topic)).Source;

    private static IEnumerable<string> TopicsOf(IReadOnlyList<SourceOptions> sources) => sources.SelectMany(source => source.Topics);

    private static bool IsPattern(string topic) => topic.AsSpan().ContainsAny('*', '?');

    private static string ExpressionOf(string pattern) =>
        $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal)}$";
}
