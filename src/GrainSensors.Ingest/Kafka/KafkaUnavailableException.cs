namespace GrainSensors.Ingest.Kafka;

/// <summary>Kafka cannot be reached, or refuses what the pipeline needs. The text names the servers and the cause, never a secret.</summary>
public sealed class KafkaUnavailableException : Exception
{
    public KafkaUnavailableException()
    {
    }

    public KafkaUnavailableException(string message)
        : base(message)
    {
    }

    public KafkaUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
