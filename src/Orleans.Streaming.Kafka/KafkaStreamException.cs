namespace Orleans.Streaming.Kafka;

/// <summary>An operation of a Kafka stream has failed. The message names the topic and the cause.</summary>
[GenerateSerializer, Alias("kafka-streams.error")]
public sealed class KafkaStreamException : Exception
{
    /// <summary>Creates an exception without a message.</summary>
    public KafkaStreamException()
    {
    }

    /// <summary>Creates an exception.</summary>
    /// <param name="message">The topic and the cause.</param>
    public KafkaStreamException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with an inner exception.</summary>
    /// <param name="message">The topic and the cause.</param>
    /// <param name="innerException">The cause.</param>
    public KafkaStreamException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
