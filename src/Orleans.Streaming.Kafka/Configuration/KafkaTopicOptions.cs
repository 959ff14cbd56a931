using Orleans.Streaming.Kafka;

namespace Orleans.Configuration;

/// <summary>One topic, and which streams are in it.</summary>
public sealed class KafkaTopicOptions
{
    /// <summary>In Kafka.</summary>
    public string Name { get; set; } = "";

    /// <summary>The streams of this namespace are here; null: those of all namespaces that have no topic of their own.</summary>
    public string? Namespace { get; set; }

    /// <summary>
    /// How an event becomes the value of a message: null: by Orleans' serializer; <c>json</c>, <c>bytes</c>, or the name
    /// of a format of your own. Topics that others write or read need one.
    /// </summary>
    public string? Format { get; set; }

    /// <summary>What a stream is.</summary>
    public KafkaStreamUnit StreamPer { get; set; } = KafkaStreamUnit.Key;

    /// <summary>
    /// Events are written, but no pulling agent reads them: the topic is for others. A silo starts without it; what is
    /// produced while it is missing fails.
    /// </summary>
    public bool ProduceOnly { get; set; }

    /// <summary>Of a topic that is created. Streams move when the number changes later, and their order is lost at that point.</summary>
    public int Partitions { get; set; } = 8;

    /// <summary>Of a topic that is created; −1: the broker's default.</summary>
    public int ReplicationFactor { get; set; } = -1;

    /// <summary>How long a topic that is created keeps its messages; null: the broker's default; <see cref="Timeout.InfiniteTimeSpan"/>: for ever.</summary>
    public TimeSpan? Retention { get; set; }
}
