namespace Orleans.Streaming.Kafka;

/// <summary>Where reading of a partition starts if its consumer group has no committed offset.</summary>
public enum KafkaStartPosition
{
    /// <summary>At the end of the partition: only new messages are read.</summary>
    Latest,

    /// <summary>At the oldest message that Kafka retains.</summary>
    Earliest,
}
