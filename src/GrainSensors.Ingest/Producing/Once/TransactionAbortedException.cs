namespace GrainSensors.Ingest.Producing.Once;

/// <summary>Kafka refused a message of a transaction, which was aborted: nothing of it is stored.</summary>
public sealed class TransactionAbortedException : Exception
{
    public TransactionAbortedException()
    {
    }

    public TransactionAbortedException(string message)
        : base(message)
    {
    }

    public TransactionAbortedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
