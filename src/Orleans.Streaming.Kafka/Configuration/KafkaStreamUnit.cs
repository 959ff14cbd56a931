namespace Orleans.Streaming.Kafka;

/// <summary>How a topic maps to streams.</summary>
public enum KafkaStreamUnit
{
    /// <summary>
    /// One stream for each message key; the stream has the key of its messages. Messages without a key belong to the stream
    /// <c>#N</c> of partition N.
    /// </summary>
    Key,

    /// <summary>
    /// One stream for each partition, with the partition number as its key. A few subscriptions then receive a whole topic.
    /// </summary>
    Partition,
}
