using GrainSensors.Core.Windows;

namespace GrainSensors.Reconciliation.Model;

/// <summary>The place at which a source begins, where earlier messages were removed, or cannot be judged.</summary>
/// <param name="Topic">The topic of a source; null: the topic of readings.</param>
/// <param name="Begin">Offset of the first message left.</param>
/// <param name="Written">
/// Timestamp of the first message left, µs since the epoch; <see cref="long.MaxValue"/> if none is left.
/// </param>
public sealed record RetentionBound(SourceId Source, string? Topic, long Begin, long Written)
{
    /// <summary>The stream has not read what comes before, so no row lacks it.</summary>
    public bool IsUnread { get; init; }
}
