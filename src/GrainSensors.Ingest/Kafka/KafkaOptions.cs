namespace GrainSensors.Ingest.Kafka;

/// <summary>Which Kafka, and which topics of it.</summary>
public sealed class KafkaOptions
{
    /// <summary><c>host:port</c>, several separated by commas.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary>Readings.</summary>
    public string Topic { get; set; } = "sensor-data";

    /// <summary>Messages that are not readings, with the reason.</summary>
    public string DeadLetterTopic { get; set; } = "sensor-data-dlq";

    /// <summary>Alerts, as the log consumers read them.</summary>
    public string LogTopic { get; set; } = "log-data";

    /// <summary>The consumer group of the silos.</summary>
    public string GroupId { get; set; } = "grainsensors";

    /// <summary>A member that is not heard of for so long is taken for dead, and its partitions go to others.</summary>
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Further properties of the client by librdkafka's names, such as <c>security.protocol</c>; they win over those set here.</summary>
    public Dictionary<string, string> Client { get; } = [];
}
