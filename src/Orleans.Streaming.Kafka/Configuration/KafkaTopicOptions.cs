using System.Text.RegularExpressions;
using Orleans.Streaming.Kafka;

namespace Orleans.Configuration;

/// <summary>A topic and its streams.</summary>
public sealed partial class KafkaTopicOptions
{
    private const RegexOptions Pattern = RegexOptions.CultureInvariant;

    /// <summary>
    /// Name of the topic in Kafka. A name that starts with <c>^</c> is a regular expression for any number of topics, as in Kafka's
    /// clients. It excludes topics that are listed by name, topics of dead letters, and names that start with two underscores.
    /// </summary>
    public string Name { get; set; } = "";

    /// <summary>
    /// Stream namespace of the topic; null means all namespaces without a topic of their own. With a regular expression the namespace may
    /// have its groups, such as <c>orders-$1</c>; null means the name of each topic.
    /// </summary>
    public string? Namespace { get; set; }

    /// <summary>
    /// Format of message values: <c>json</c>, <c>bytes</c> or the name of a format added with <c>AddFormat</c>; null means Orleans'
    /// serializer. Topics that other applications read or write need a format.
    /// </summary>
    public string? Format { get; set; }

    /// <summary>Whether a stream is a message key or a partition.</summary>
    public KafkaStreamUnit StreamPer { get; set; } = KafkaStreamUnit.Key;

    /// <summary>
    /// Whether the topic is only written, for other applications to read. Pulling agents ignore it. A silo starts without the topic;
    /// producing fails until the topic exists.
    /// </summary>
    public bool ProduceOnly { get; set; }

    /// <summary>What happens to a message that could not be delivered; null means the policy of the provider.</summary>
    public KafkaFailurePolicy? FailurePolicy { get; set; }

    /// <summary>Topic of the dead letters of this topic; null means that of the provider.</summary>
    public string? DeadLetterTopic { get; set; }

    /// <summary>
    /// Whether subscribers get the request context that a header of a message carries. It matters for a topic with a <see cref="Format"/>,
    /// which other applications may write; topics without a format always carry it.
    /// </summary>
    public bool ImportRequestContext { get; set; }

    /// <summary>Partitions of a new topic. A later change of the number moves streams and breaks their order at that point.</summary>
    public int Partitions { get; set; } = 8;

    /// <summary>Replication factor of a new topic; −1 means the broker's default.</summary>
    public int ReplicationFactor { get; set; } = -1;

    /// <summary>
    /// Retention of a new topic; null means the broker's default, <see cref="Timeout.InfiniteTimeSpan"/> means unlimited.
    /// </summary>
    public TimeSpan? Retention { get; set; }

    /// <summary>Whether the name is a regular expression.</summary>
    internal bool IsPattern => Name.StartsWith('^');

    /// <summary>Whether a regular expression matched the name of the topic.</summary>
    internal bool IsMatched { get; private init; }

    /// <returns>The options of a topic that the regular expression matches; null for any other topic.</returns>
    internal KafkaTopicOptions? Match(string topic) => IsPattern && Regex.Match(topic, Name, Pattern) is { Success: true } match
        ? new()
        {
            Name = topic,
            Namespace = match.Result(Namespace ?? "$_"),
            IsMatched = true,
            Format = Format,
            StreamPer = StreamPer,
            FailurePolicy = FailurePolicy,
            DeadLetterTopic = DeadLetterTopic,
            ImportRequestContext = ImportRequestContext,
        }
        : null;

    /// <summary>Checks a name by Kafka's rules for topic names.</summary>
    /// <param name="name">The name of a topic.</param>
    /// <returns>True for 1 to 249 letters, digits, dots, underscores and hyphens other than <c>.</c> and <c>..</c>.</returns>
    public static bool IsValidName(string name) => TopicName().IsMatch(name) && name is not ("." or "..");

    /// <returns>Whether the text is a regular expression.</returns>
    internal static bool IsValidPattern(string pattern)
    {
        try
        {
            _ = new Regex(pattern, Pattern);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,249}\z")]
    private static partial Regex TopicName();
}
