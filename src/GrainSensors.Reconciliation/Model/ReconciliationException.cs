namespace GrainSensors.Reconciliation.Model;

/// <summary>A reconciliation cannot run. The text is a sentence that names the offender and the cure, and shows no secret.</summary>
public sealed class ReconciliationException : Exception
{
    public ReconciliationException()
    {
    }

    public ReconciliationException(string message)
        : base(message)
    {
    }

    public ReconciliationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
