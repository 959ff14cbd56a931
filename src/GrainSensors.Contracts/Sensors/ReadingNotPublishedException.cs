namespace GrainSensors.Contracts.Sensors;

/// <summary>Producing a reading to Kafka failed. The message names the topic and the cause, never a secret.</summary>
[GenerateSerializer, Alias("GrainSensors.ReadingNotPublishedException")]
public sealed class ReadingNotPublishedException : Exception
{
    public ReadingNotPublishedException()
    {
    }

    public ReadingNotPublishedException(string message)
        : base(message)
    {
    }

    public ReadingNotPublishedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
