namespace Orleans.Streaming.Kafka;

/// <summary>
/// Where a consumer group without offsets starts to read a topic. The first silo commits it for all partitions. Partitions that are added
/// later are read from their beginning.
/// </summary>
public enum KafkaStartPosition
{
    /// <summary>At the end of each partition when the provider starts for the first time in the cluster.</summary>
    Latest,

    /// <summary>At the oldest message that Kafka retains.</summary>
    Earliest,

    /// <summary>
    /// At the first message with a timestamp of at least <see cref="Orleans.Configuration.KafkaStreamOptions.StartTimestamp"/>.
    /// </summary>
    Timestamp,
}
