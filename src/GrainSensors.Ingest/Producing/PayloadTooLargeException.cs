namespace GrainSensors.Ingest.Producing;

/// <summary>Kafka refuses a payload for its size. The message names the topic, the size and the limit.</summary>
public sealed class PayloadTooLargeException : Exception
{
    public PayloadTooLargeException()
    {
    }

    public PayloadTooLargeException(string message)
        : base(message)
    {
    }

    public PayloadTooLargeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
