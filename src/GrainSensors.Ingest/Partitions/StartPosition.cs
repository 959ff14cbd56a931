using GrainSensors.Core.Windows;
using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Ingest.Partitions;

/// <summary>Where the processing of a partition starts.</summary>
/// <param name="Source">The partition.</param>
/// <param name="StartOffset">
/// The offset of the checkpoint, else the committed offset of the group, else the first offset of the log.
/// </param>
/// <param name="StreamTime">The stream time of the checkpoint, µs since the epoch.</param>
/// <param name="OpenWindows">Windows with readings of this partition that are not final yet.</param>
internal sealed record StartPosition(SourceId Source, long StartOffset, long StreamTime, IReadOnlyList<WindowId> OpenWindows)
{
    /// <summary>The epochs of the log. Those of the messages from the start on decide how far the source goes.</summary>
    public LeaderEpochs Epochs { get; init; } = LeaderEpochs.None;

    /// <inheritdoc cref="Checkpoint.Life"/>
    public Guid Life { get; init; }

    /// <summary>The token of the stored checkpoint.</summary>
    public long CheckpointToken { get; init; }

    /// <summary>The time before the checkpoint was stored, µs since the epoch.</summary>
    public long OwnedAt { get; init; }

    /// <summary>What was refused from the start on.</summary>
    public Refusals Refusals { get; init; } = new();

    /// <summary>The offset after the last message of the log.</summary>
    public long EndOffset { get; init; }

    /// <summary>The number of partitions of the topic of readings; null: another topic, whose keys are not those of sensors.</summary>
    public int? Partitions { get; init; } = 1;
}
