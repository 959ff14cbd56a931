namespace Orleans.Streaming.Kafka;

/// <summary>What of a topic is one stream.</summary>
public enum KafkaStreamUnit
{
    /// <summary>All messages of one key; the key of the stream is that of the messages. Messages without a key are the stream <c>#N</c> of their partition.</summary>
    Key,

    /// <summary>A partition, whatever the keys of its messages: the key of the stream is the partition's number. A few subscriptions get all of a topic.</summary>
    Partition,
}
