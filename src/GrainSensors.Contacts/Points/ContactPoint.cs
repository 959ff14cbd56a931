using GrainSensors.Contacts.Kinds;

namespace GrainSensors.Contacts.Points;

/// <summary>A receiver of notifications.</summary>
/// <param name="Kind">The word of the kind, which this program may not know.</param>
public sealed record ContactPoint(string Name, string Kind, bool IsEnabled, ContactValues Values)
{
    /// <summary>Of the configuration, and not of the store.</summary>
    public bool IsConfigured { get; init; }

    /// <summary>Why it cannot be used; null: it can.</summary>
    public string? Problem { get; init; }

    /// <summary>µs since the epoch; null: it is of the configuration.</summary>
    public long? ChangedAt { get; init; }

    public string? ChangedBy { get; init; }

    /// <returns>A text without secrets.</returns>
    public override string ToString() => Name;
}
