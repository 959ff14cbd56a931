using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Kafka;

/// <summary>Which topics the pipeline wants, and how they are made where they are missing. Those that exist are never altered.</summary>
internal sealed class TopicPlan(KafkaOptions options)
{
    private static readonly ErrorCode[] Refusals =
    [
        ErrorCode.InvalidPartitions,
        ErrorCode.InvalidReplicationFactor,
        ErrorCode.InvalidReplicaAssignment,
        ErrorCode.InvalidConfig,
        ErrorCode.PolicyViolation,
        ErrorCode.TopicException,
    ];

    /// <summary>Without this one there is nothing to do; without the others some of the work waits.</summary>
    public string Essential => options.Topic;

    public IReadOnlyList<TopicSpecification> Missing(Metadata metadata)
    {
        var present = metadata.Topics.Where(IsPresent).Select(topic => topic.Topic).ToHashSet();
        return [.. options.AllTopics.Where(topic => !present.Contains(topic)).Select(Specification)];
    }

    public static bool IsPresent(TopicMetadata topic) => topic.Error.Code == ErrorCode.NoError && topic.Partitions.Count > 0;

    /// <returns>
    /// Whether Kafka refuses what the options ask for, so that they have to change. Else it only does not create topics
    /// for us (no right to, no such request, no answer), and may have them all the same.
    /// </returns>
    public static bool IsRefusal(Error error) => Refusals.Contains(error.Code);

    /// <summary>As a person would have to make them.</summary>
    public string Describe() =>
        $"{options.Partitions} partitions"
        + (options.ReplicationFactor > 0 ? $", replication factor {options.ReplicationFactor}" : "")
        + (Retention is { } retention ? $", retention.ms={retention}" : "");

    private string? Retention => options.TopicRetention is { } retention
        ? retention == Timeout.InfiniteTimeSpan ? "-1" : ((long)Math.Ceiling(retention.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture)
        : null;

    private TopicSpecification Specification(string topic) => new()
    {
        Name = topic,
        NumPartitions = options.Partitions,
        ReplicationFactor = (short)options.ReplicationFactor,
        Configs = Retention is { } retention ? new() { ["retention.ms"] = retention } : null,
    };
}
