namespace GrainSensors.Hosting.Configuration;

/// <summary>The command cannot be carried out as it was given. Its text is one sentence that names the offender and the cure.</summary>
internal sealed class UsageException : Exception
{
    public UsageException()
    {
    }

    public UsageException(string message)
        : base(message)
    {
    }

    public UsageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
