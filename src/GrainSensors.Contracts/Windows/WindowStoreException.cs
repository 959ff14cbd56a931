namespace GrainSensors.Contracts.Windows;

/// <summary>Reading or writing the window store failed. The message names the store, never a secret.</summary>
[GenerateSerializer, Alias("GrainSensors.WindowStoreException")]
public sealed class WindowStoreException : Exception
{
    public WindowStoreException()
    {
    }

    public WindowStoreException(string message)
        : base(message)
    {
    }

    public WindowStoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
