namespace GrainSensors.Contacts.Kinds;

/// <summary>A notification was not delivered. The message is a sentence for people.</summary>
public sealed class DeliveryException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Another attempt would fail the same way.</summary>
    public bool IsPermanent { get; init; }

    /// <summary>The receiver wants no further message for some time.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
