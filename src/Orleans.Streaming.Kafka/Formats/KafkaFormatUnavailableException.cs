namespace Orleans.Streaming.Kafka;

/// <summary>
/// A format cannot convert any message now, for example because a schema registry does not answer. The pulling agent delivers the message
/// again later.
/// </summary>
[GenerateSerializer, Alias("kafka-streams.format-unavailable")]
public sealed class KafkaFormatUnavailableException : Exception
{
    /// <summary>Creates an exception without a message.</summary>
    public KafkaFormatUnavailableException()
    {
    }

    /// <summary>Creates an exception.</summary>
    /// <param name="message">What the format lacks.</param>
    public KafkaFormatUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with an inner exception.</summary>
    /// <param name="message">What the format lacks.</param>
    /// <param name="innerException">The cause.</param>
    public KafkaFormatUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
