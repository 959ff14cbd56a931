namespace GrainSensors.Ingest.Producing.Once;

/// <summary>It can no longer be found out whether the readings of a request are in Kafka.</summary>
public sealed class RecordsLostException : Exception
{
    public RecordsLostException()
    {
    }

    public RecordsLostException(string message)
        : base(message)
    {
    }

    public RecordsLostException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
