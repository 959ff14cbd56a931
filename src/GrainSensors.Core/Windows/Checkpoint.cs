namespace GrainSensors.Core.Windows;

/// <summary>The progress of a source: everything below the offset is durable.</summary>
/// <param name="NextOffset">The first offset that may not be durable.</param>
/// <param name="StreamTime">The stream time of the partition, µs since the epoch.</param>
/// <param name="OpenFrom">
/// The earliest start of an open window with readings below the offset, or an earlier time, µs since the epoch;
/// <see cref="long.MaxValue"/> if no such window is open. It bounds the search of a new owner for open windows.
/// </param>
public sealed record Checkpoint(SourceId Source, long NextOffset, long StreamTime, long OpenFrom)
{
    /// <summary>The epochs of the messages below the offset, and of the next one. Null in a checkpoint of an older release.</summary>
    public LeaderEpochs? Epochs { get; init; }

    /// <summary>A random number for each write.</summary>
    public long Token { get; init; }

    /// <summary>The life of the store that holds the checkpoint, and the rows that it vouches for.</summary>
    public Guid Life { get; init; }

    /// <summary>
    /// No message from the offset on was accepted or rejected before this time, µs since the epoch. The next owner accepts what was
    /// acceptable at any time since.
    /// </summary>
    public long JudgedFrom { get; init; }

    /// <summary>
    /// The write removes the refusals below this offset, and those of other incarnations. Null to remove none. No later checkpoint of
    /// the source is below this offset.
    /// </summary>
    public long? RemovesRefusalsBelow { get; init; }

    /// <summary>The tokens of the checkpoints that this one may replace. Without any there must be no checkpoint.</summary>
    public IReadOnlyList<long> Replaces { get; init; } = [];
}
