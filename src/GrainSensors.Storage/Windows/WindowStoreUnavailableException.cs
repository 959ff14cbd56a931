namespace GrainSensors.Storage.Windows;

/// <summary>
/// The window store could not be read or written. The message names the store and the cause, and holds no secret.
/// </summary>
public sealed class WindowStoreUnavailableException : Exception
{
    public WindowStoreUnavailableException()
    {
    }

    public WindowStoreUnavailableException(string message)
        : base(message)
    {
    }

    public WindowStoreUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The store does not exist yet, or has no tables: a migration creates them.</summary>
    public bool NeedsMigration { get; init; }
}
