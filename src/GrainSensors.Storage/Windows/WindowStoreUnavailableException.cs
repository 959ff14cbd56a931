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

    /// <summary>The store has no tables: a migration creates them.</summary>
    public bool NeedsMigration { get; init; }

    /// <summary>The store is a file that does not exist, mostly because its path is relative to another directory.</summary>
    public bool IsMissing { get; init; }

    /// <summary>Another process has locked the file of the store.</summary>
    public bool IsInUse { get; init; }
}
