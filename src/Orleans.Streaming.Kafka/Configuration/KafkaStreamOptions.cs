using Confluent.Kafka;
using Orleans.Streaming.Kafka;

namespace Orleans.Configuration;

/// <summary>Which Kafka a stream provider uses, which topics of it, and how. <see cref="KafkaStreamOptionsValidator"/> says what may be given.</summary>
public sealed class KafkaStreamOptions
{
    /// <summary><c>host:port</c>, several separated by commas.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary>
    /// Where streams are kept; empty: one topic named <c>orleans-</c> and the provider's name, for the streams of all
    /// namespaces.
    /// </summary>
    public IList<KafkaTopicOptions> Topics { get; } = [];

    /// <summary>
    /// The group whose committed offsets say where reading goes on; null: the cluster's service id and the provider's
    /// name. Nobody else may be a member of it: the silos share the partitions in Orleans' way, not in the group's.
    /// </summary>
    public string? ConsumerGroup { get; set; }

    /// <summary>Where a partition is begun for which the group has committed nothing.</summary>
    public KafkaStartPosition StartPosition { get; set; } = KafkaStartPosition.Latest;

    /// <summary>How often offsets are committed.</summary>
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many messages of a partition are taken at once.</summary>
    public int BatchSize { get; set; } = 4096;

    /// <summary>How long a pulling agent waits for messages before it looks after other things.</summary>
    public TimeSpan PollTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Bytes of messages that the cache of one partition holds: while undelivered ones alone are more, nothing is added. Of
    /// those that are delivered it keeps a quarter, for subscriptions that rewind; as much is read ahead of it, 1 MB at least.
    /// An overhead of <c>200</c> bytes is counted with each message.
    /// </summary>
    public long CacheBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How long a delivered message stays in the cache, for subscriptions that rewind; older ones are read from Kafka again.</summary>
    public TimeSpan CacheAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Messages of a stream that are delivered in one call where they wait and the subscriber is quick; 1: each in a call of its
    /// own. Should a call fail, those before the one that failed come again. Has no effect with stream filters, and where
    /// <see cref="StreamPullingAgentOptions.BatchContainerBatchSize"/> is not 1.
    /// </summary>
    public int MaxMessagesPerDelivery { get; set; } = 32;

    /// <summary>What becomes of a message that a consumer did not take within the pulling agent's <see cref="StreamPullingAgentOptions.MaxEventDeliveryTime"/>.</summary>
    public KafkaFailurePolicy FailurePolicy { get; set; } = KafkaFailurePolicy.DeadLetter;

    /// <summary>Of <see cref="KafkaFailurePolicy.DeadLetter"/>; null: <c>orleans-</c>, the provider's name, <c>-dlq</c>.</summary>
    public string? DeadLetterTopic { get; set; }

    /// <summary>Whether topics that are missing are created, those of <see cref="Topics"/> and the dead letters'. Those that exist are never altered.</summary>
    public bool CreateTopics { get; set; } = true;

    /// <summary>How long Kafka may take to answer when a silo or a client starts.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an event waits for others to share a request.</summary>
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>After so long an event that Kafka has not acknowledged has failed.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The most that one message may hold; a batch of events that is larger becomes several messages. The default is that of brokers.</summary>
    public int MaxMessageBytes { get; set; } = 1_000_000;

    /// <summary>Is told of each event's message when Kafka has it, before whoever has produced it. On the client's thread: it must be quick.</summary>
    [Redact]
    public Action<TopicPartitionOffset>? Acknowledged { get; set; }

    /// <summary><c>plaintext</c>, <c>ssl</c>, <c>sasl_plaintext</c> or <c>sasl_ssl</c>; null: plaintext.</summary>
    public string? SecurityProtocol { get; set; }

    /// <summary><c>PLAIN</c>, <c>SCRAM-SHA-256</c>, <c>SCRAM-SHA-512</c>, <c>OAUTHBEARER</c> or <c>GSSAPI</c>.</summary>
    public string? SaslMechanism { get; set; }

    /// <summary>Who this is, to the <see cref="SaslMechanism"/>.</summary>
    public string? SaslUsername { get; set; }

    /// <summary>Is shown nowhere.</summary>
    [Redact]
    public string? SaslPassword { get; set; }

    /// <summary>The certificates of the authorities that are trusted, in PEM; null: the system's.</summary>
    public string? CaLocation { get; set; }

    /// <summary>Further properties of all clients by librdkafka's names, such as <c>client.rack</c>; they win over those set here.</summary>
    [Redact]
    public Dictionary<string, string> Client { get; } = [];

    /// <summary>Has the last word on each client's configuration: a <see cref="ConsumerConfig"/>, a <see cref="ProducerConfig"/> or an <see cref="AdminClientConfig"/>.</summary>
    [Redact]
    public Action<ClientConfig>? ConfigureClient { get; set; }
}
