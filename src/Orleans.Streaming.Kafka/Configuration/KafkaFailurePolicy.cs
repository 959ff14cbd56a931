namespace Orleans.Streaming.Kafka;

/// <summary>What happens to a message that could not be delivered to a subscriber.</summary>
public enum KafkaFailurePolicy
{
    /// <summary>
    /// The message goes to the dead-letter topic with the error, and the stream continues. The offset is committed after Kafka has
    /// acknowledged the dead letter.
    /// </summary>
    DeadLetter,

    /// <summary>
    /// The partition stops: the provider delivers and commits nothing more of it and logs an error. A restart of the silo or of the
    /// pulling agents tries the message again.
    /// </summary>
    StopPartition,
}
