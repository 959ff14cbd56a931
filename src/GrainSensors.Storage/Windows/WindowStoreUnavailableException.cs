namespace GrainSensors.Storage.Windows;

/// <summary>The window store could not be read or written. The text names the store and the cause, never a secret.</summary>
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
}
