using Confluent.Kafka;
using Orleans.Streaming.Kafka;

namespace Orleans.Configuration;

/// <summary>The Kafka cluster of a stream provider, its topics, and how it reads and writes them.</summary>
/// <remarks><see cref="KafkaStreamOptionsValidator"/> checks the values.</remarks>
public sealed class KafkaStreamOptions : KafkaConnectionOptions
{
    /// <summary>
    /// Topics of the streams; an empty list means one topic named <c>orleans-</c> and the provider's name, for all namespaces.
    /// </summary>
    public IList<KafkaTopicOptions> Topics { get; } = [];

    /// <summary>
    /// Consumer group that commits the offsets; null means the cluster's service id and the provider's name. The group must have no
    /// members: Orleans assigns the partitions to silos, not Kafka.
    /// </summary>
    public string? ConsumerGroup { get; set; }

    /// <summary>
    /// Where a group without offsets starts to read a topic. The first silo commits it for all partitions. Partitions that are added later
    /// are read from their beginning.
    /// </summary>
    public KafkaStartPosition StartPosition { get; set; } = KafkaStartPosition.Latest;

    /// <summary>The time of <see cref="KafkaStartPosition.Timestamp"/>, compared with the timestamps of messages.</summary>
    public DateTimeOffset? StartTimestamp { get; set; }

    /// <summary>Interval of offset commits.</summary>
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Maximum number of messages of a partition that an agent takes at once.</summary>
    public int BatchSize { get; set; } = 4096;

    /// <summary>How long a pulling agent waits for messages before it does its other work.</summary>
    public TimeSpan PollTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Size of the cache of one partition in bytes; each message counts 200 bytes more than its value. A full cache of undelivered
    /// messages accepts nothing more. Delivered messages occupy up to a quarter, for rewinds. The provider fetches another quarter
    /// ahead, at least 1 MB.
    /// </summary>
    public long CacheBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How long a delivered message stays in the cache for rewinds. Older messages are read from Kafka again.</summary>
    public TimeSpan CacheAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Maximum number of waiting messages of a stream that one call delivers to a fast subscriber; 1 means a call for each message.
    /// After a failed call the messages before the failed one are delivered again. The option has no effect with a stream filter or
    /// with a <see cref="StreamPullingAgentOptions.BatchContainerBatchSize"/> other than 1.
    /// </summary>
    public int MaxMessagesPerDelivery { get; set; } = 32;

    /// <summary>
    /// What happens to a message that could not be delivered within <see cref="StreamPullingAgentOptions.MaxEventDeliveryTime"/>.
    /// </summary>
    public KafkaFailurePolicy FailurePolicy { get; set; } = KafkaFailurePolicy.DeadLetter;

    /// <summary>
    /// Topic of dead letters with <see cref="KafkaFailurePolicy.DeadLetter"/>; null means <c>orleans-</c>, the provider's name and
    /// <c>-dlq</c>.
    /// </summary>
    public string? DeadLetterTopic { get; set; }

    /// <summary>Whether missing topics are created, dead letters included. Existing topics are never altered.</summary>
    public bool CreateTopics { get; set; } = true;

    /// <summary>How long Kafka may take to answer when a silo or a client starts.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an event waits for others to share a request.</summary>
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>How long Kafka may take to acknowledge an event before producing it fails.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Maximum size of a message in bytes. A larger batch of events becomes several messages. The default is that of brokers.
    /// </summary>
    public int MaxMessageBytes { get; set; } = 1_000_000;

    /// <summary>
    /// Callback for each message that Kafka has acknowledged, before its producer continues. The client's thread runs it, so it must
    /// be fast.
    /// </summary>
    [Redact]
    public Action<TopicPartitionOffset>? Acknowledged { get; set; }

    /// <summary>
    /// Key of a <see cref="Confluent.Kafka.ClientConfig"/> in the services of the host, with the servers and the security of the
    /// connection. Options that are set here override it.
    /// </summary>
    public string? ServiceKey { get; set; }

    /// <summary>
    /// Callback that may change the final configuration of each client: a <see cref="ConsumerConfig"/>, a
    /// <see cref="ProducerConfig"/> or an <see cref="AdminClientConfig"/>.
    /// </summary>
    [Redact]
    public Action<ClientConfig>? ConfigureClient { get; set; }
}
