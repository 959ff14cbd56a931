using Orleans.Configuration;

namespace GrainSensors.Ingest.Kafka;

/// <summary>The Kafka cluster, its topics and the consumer group of the silos.</summary>
/// <remarks><see cref="KafkaOptionsValidator"/> checks the values.</remarks>
public sealed class KafkaOptions : KafkaConnectionOptions
{
    internal const string Section = "GrainSensors:Kafka";

    /// <summary>Topic of readings.</summary>
    public string Topic { get; set; } = "sensor-data";

    /// <summary>Topic of dead letters: messages that are not readings, with the reason.</summary>
    public string DeadLetterTopic { get; set; } = "sensor-data-dlq";

    /// <summary>Topic of the sensor log, with the alerts.</summary>
    public string LogTopic { get; set; } = "log-data";

    /// <summary>Topic of closed windows; empty: closed windows are not published.</summary>
    public string WindowTopic { get; set; } = "sensor-windows";

    /// <summary>Topic of records of requests with an Idempotency-Key, which only the silos read. It is compacted.</summary>
    public string IngestRecordTopic { get; set; } = "sensor-ingest-records";

    /// <summary>The names of all configured topics.</summary>
    public IEnumerable<string> AllTopics =>
        new[] { Topic, DeadLetterTopic, LogTopic, WindowTopic, IngestRecordTopic }.Where(topic => topic.Length > 0);

    /// <summary>Consumer group of the silos.</summary>
    public string GroupId { get; set; } = "grainsensors";

    /// <summary>Time without heartbeats after which Kafka reassigns the partitions of a silo.</summary>
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Partitions of a new topic.</summary>
    public int Partitions { get; set; } = 6;

    /// <summary>Replication factor of a new topic; −1 means the broker's default.</summary>
    public int ReplicationFactor { get; set; } = -1;

    /// <summary>
    /// Retention of a new topic; null means the broker's default, <see cref="Timeout.InfiniteTimeSpan"/> means unlimited.
    /// </summary>
    public TimeSpan? TopicRetention { get; set; }

    /// <returns>A copy with the changes; options in use stay as they are.</returns>
    public KafkaOptions With(Action<KafkaOptions> change)
    {
        var copy = (KafkaOptions)MemberwiseClone();
        change(copy);
        return copy;
    }

    /// <returns>
    /// The same topics and group on another broker, without the security and the client properties of this one: a client property
    /// can name bootstrap servers, too.
    /// </returns>
    public KafkaOptions On(string bootstrapServers) => new()
    {
        BootstrapServers = bootstrapServers,
        Topic = Topic,
        DeadLetterTopic = DeadLetterTopic,
        LogTopic = LogTopic,
        WindowTopic = WindowTopic,
        IngestRecordTopic = IngestRecordTopic,
        GroupId = GroupId,
        SessionTimeout = SessionTimeout,
        Partitions = Partitions,
        ReplicationFactor = ReplicationFactor,
        TopicRetention = TopicRetention,
    };
}
