using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Orleans.Streaming.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Kafka;

/// <summary>The topics of the pipeline and the settings of new ones. Existing topics are never altered.</summary>
/// <param name="others">Further topics.</param>
internal sealed class TopicPlan(KafkaOptions options, IReadOnlyList<string> others)
{
    /// <summary>Longer than an Idempotency-Key is known, which is 24 hours.</summary>
    private static readonly TimeSpan RecordRetention = TimeSpan.FromHours(48);

    private static readonly ErrorCode[] Refusals =
    [
        ErrorCode.InvalidPartitions,
        ErrorCode.InvalidReplicationFactor,
        ErrorCode.InvalidReplicaAssignment,
        ErrorCode.InvalidConfig,
        ErrorCode.PolicyViolation,
        ErrorCode.TopicException,
    ];

    /// <summary>The topic of readings. Without another topic only a part of the work waits.</summary>
    public string Essential => options.Topic;

    public IReadOnlyList<TopicSpecification> Missing(Metadata metadata)
    {
        var present = metadata.Topics.Where(KafkaTopicCreation.Exists).Select(topic => topic.Topic).ToHashSet();
        return [.. options.AllTopics.Concat(others).Where(topic => !present.Contains(topic)).Select(Specification)];
    }

    /// <returns>
    /// Whether Kafka refuses the options, so that they must change. With other errors (no permission, unsupported request, no response)
    /// the topics may exist all the same.
    /// </returns>
    public static bool IsRefusal(Error error) => Refusals.Contains(error.Code);

    /// <summary>The settings of a topic, for a person who creates it.</summary>
    public string Describe(string topic) =>
        $"{options.Partitions} {(options.Partitions == 1 ? "partition" : "partitions")}"
        + (options.ReplicationFactor > 0 ? $", replication factor {options.ReplicationFactor}" : "")
        + string.Concat(Specification(topic).Configs?.Select(config => $", {config.Key}={config.Value}") ?? []);

    private TopicSpecification Specification(string topic)
    {
        var holdsRecords = topic == options.IngestRecordTopic;
        var specification = KafkaTopicCreation.Specification(new()
        {
            Name = topic,
            Partitions = options.Partitions,
            ReplicationFactor = options.ReplicationFactor,
            Retention = holdsRecords ? RecordRetention : options.TopicRetention,
        });
        if (holdsRecords)
        {
            specification.Configs.Add("cleanup.policy", "compact,delete");
        }

        return specification;
    }
}
