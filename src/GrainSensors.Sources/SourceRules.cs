using GrainSensors.Core.Time;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Patterns;
using GrainSensors.Sources.Schemas;

namespace GrainSensors.Sources;

/// <summary>Checks the sources of a configuration.</summary>
/// <param name="section">The path of the list, for messages.</param>
/// <param name="ownTopics">The topics of the product itself.</param>
public sealed class SourceRules(string section, IReadOnlyCollection<string> ownTopics)
{
    /// <summary>The longest name of a topic in Kafka.</summary>
    private const int MaxTopicLength = 249;

    /// <returns>A sentence for each fault: the key, the rule, the offending value.</returns>
    public IEnumerable<string> Check(IReadOnlyList<SourceOptions> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        for (var i = 0; i < sources.Count; i++)
        {
            var (source, key) = (sources[i], $"{section}:{i}");
            foreach (var failure in Alone(source).Concat(Topics(source)))
            {
                yield return $"{key}:{failure}.";
            }

            if (Enumerable.Range(0, i).FirstOrDefault(other => HaveSameName(sources[other], source), -1) is >= 0 and var named)
            {
                yield return $"{key}:Name must be another one than that of {section}:{named}; got \"{source.Name}\".";
            }

            foreach (var other in Enumerable.Range(0, i))
            {
                var shared = source.Topics.FirstOrDefault(topic => sources[other].Topics.Any(taken => Glob.Overlap(topic, taken)));
                if (shared is not null)
                {
                    yield return $"{key}:Topics must not have a topic of {section}:{other} ({sources[other].Name}); got \"{shared}\".";
                }
            }
        }
    }

    private static bool HaveSameName(SourceOptions a, SourceOptions b) => a.Name.Equals(b.Name, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> Alone(SourceOptions source)
    {
        // Device keys call the topic of readings so.
        if (source.Name.Equals("sensor-data", StringComparison.OrdinalIgnoreCase))
        {
            yield return $"Name must not be that of the topic of readings; got \"{source.Name}\"";
        }

        if (source.Name.Length is 0 or > SourceOptions.MaxNameLength || !source.Name.All(IsNameCharacter))
        {
            yield return $"Name must be 1 to {SourceOptions.MaxNameLength} letters, digits, dots, dashes or underscores; "
                + $"got \"{source.Name}\"";
        }

        if (source.Start is not (SourceOptions.Earliest or SourceOptions.Latest) && !EpochTime.TryParse(source.Start, out _))
        {
            yield return $"Start must be {SourceOptions.Earliest}, {SourceOptions.Latest}, or a time such as {EpochTime.Forms}; "
                + $"got \"{source.Start}\"";
        }

        if (source.Columns.GroupBy(column => column).FirstOrDefault(same => same.Key.Length == 0 || same.Count() > 1) is { } column)
        {
            yield return $"Columns must have different names; got \"{column.Key}\"{(column.Key.Length > 0 ? " twice" : "")}";
        }

        var failure = Compile(source);
        if (failure is not null)
        {
            yield return failure;
        }
    }

    private static string? Compile(SourceOptions source)
    {
        try
        {
            using var schemas = new SourceSchemas();
            _ = new SourceReader(source, schemas);
            return null;
        }
        catch (SourceOptionsException e)
        {
            return $"{e.Key} {e.Rule}";
        }
    }

    private IEnumerable<string> Topics(SourceOptions source)
    {
        if (source.Topics.Count == 0)
        {
            yield return "Topics is empty; give Topics:0 the name of a Kafka topic, or a pattern such as devices.*";
        }

        for (var i = 0; i < source.Topics.Count; i++)
        {
            var topic = source.Topics[i];
            if (topic.Length is 0 or > MaxTopicLength || !topic.All(c => IsNameCharacter(c) || c is '*' or '?'))
            {
                yield return $"Topics:{i} must be 1 to {MaxTopicLength} letters, digits, dots, dashes, underscores, * or ?; "
                    + $"got \"{topic}\"";
            }
            else if (topic[0] is '_' or '*' or '?')
            {
                yield return $"Topics:{i} must begin with another character than _, * or ?, which internal topics of Kafka such as "
                    + $"__consumer_offsets match; got \"{topic}\"";
            }
            else if (ownTopics.FirstOrDefault(own => Glob.Overlap(topic, own)) is { } own)
            {
                yield return $"Topics:{i} must not {(topic == own ? "be" : "match")} {own}, a topic of GrainSensors; got \"{topic}\"";
            }
        }
    }

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_';
}
