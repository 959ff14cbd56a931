namespace GrainSensors.Ingest.Kafka;

/// <summary>Which Kafka, who asks it, and which topics of it. <see cref="KafkaOptionsValidator"/> says what may be given.</summary>
public sealed class KafkaOptions
{
    internal const string Section = "GrainSensors:Kafka";

    /// <summary><c>host:port</c>, several separated by commas.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary>Readings.</summary>
    public string Topic { get; set; } = "sensor-data";

    /// <summary>Messages that are not readings, with the reason.</summary>
    public string DeadLetterTopic { get; set; } = "sensor-data-dlq";

    /// <summary>Alerts, as the log consumers read them.</summary>
    public string LogTopic { get; set; } = "log-data";

    /// <summary>Closed windows; empty: they are not announced.</summary>
    public string WindowTopic { get; set; } = "sensor-windows";

    /// <summary>All that are wanted.</summary>
    public IEnumerable<string> AllTopics => new[] { Topic, DeadLetterTopic, LogTopic, WindowTopic }.Where(topic => topic.Length > 0);

    /// <summary>The consumer group of the silos.</summary>
    public string GroupId { get; set; } = "grainsensors";

    /// <summary>A member that is not heard of for so long is taken for dead, and its partitions go to others.</summary>
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Of a topic that is created; one that exists keeps its own.</summary>
    public int Partitions { get; set; } = 6;

    /// <summary>Of a topic that is created; −1: the broker's default.</summary>
    public int ReplicationFactor { get; set; } = -1;

    /// <summary>How long a topic that is created keeps its messages; null: the broker's default; <see cref="Timeout.InfiniteTimeSpan"/>: for ever.</summary>
    public TimeSpan? TopicRetention { get; set; }

    /// <summary><c>plaintext</c>, <c>ssl</c>, <c>sasl_plaintext</c> or <c>sasl_ssl</c>; null: plaintext.</summary>
    public string? SecurityProtocol { get; set; }

    /// <summary><c>PLAIN</c>, <c>SCRAM-SHA-256</c>, <c>SCRAM-SHA-512</c>, <c>OAUTHBEARER</c> or <c>GSSAPI</c>.</summary>
    public string? SaslMechanism { get; set; }

    public string? SaslUsername { get; set; }

    [Redact]
    public string? SaslPassword { get; set; }

    /// <summary>The certificates of the authorities that are trusted, in PEM: a file, or a folder of them; null: the system's.</summary>
    public string? CaLocation { get; set; }

    /// <summary>Further properties of the client by librdkafka's names, such as <c>security.protocol</c>; they win over those set here.</summary>
    [Redact]
    public Dictionary<string, string> Client { get; } = [];
}
