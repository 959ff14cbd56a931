namespace Orleans.Streaming.Kafka;

/// <summary>Kafka did not do what a stream asked of it. The message names the topic and the cause.</summary>
[GenerateSerializer, Alias("kafka-streams.error")]
public sealed class KafkaStreamException : Exception
{
    /// <summary>An error.</summary>
    public KafkaStreamException()
    {
    }

    /// <summary>An error in a sentence.</summary>
    public KafkaStreamException(string message)
        : base(message)
    {
    }

    /// <summary>An error in a sentence, and what it comes of.</summary>
    public KafkaStreamException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
