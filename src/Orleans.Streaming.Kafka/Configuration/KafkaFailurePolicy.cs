namespace Orleans.Streaming.Kafka;

/// <summary>What becomes of a message that a consumer could not be brought to take.</summary>
public enum KafkaFailurePolicy
{
    /// <summary>It is written to a dead-letter topic with the error; the commit passes it when Kafka has acknowledged that. The stream goes on.</summary>
    DeadLetter,

    /// <summary>
    /// Nothing of its partition is delivered or committed any more, and the log says so, until the silo or the pulling
    /// agents are started again: then it is tried again.
    /// </summary>
    StopPartition,
}
