namespace GrainSensors.Hosting.Configuration;

/// <summary>A command cannot run as it was given. The message names what is wrong and the cure.</summary>
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
