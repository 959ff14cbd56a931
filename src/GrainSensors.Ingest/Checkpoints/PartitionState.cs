using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Closing;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Dispatch;
using GrainSensors.Ingest.Status;

namespace GrainSensors.Ingest.Checkpoints;

/// <summary>The state of a partition that dispatch changes and a checkpoint covers. One logical thread uses it.</summary>
internal sealed record PartitionState(
    SourceId Source,
    PartitionProgress Progress,
    PartitionGrains Grains,
    OpenWindows OpenWindows,
    PendingDeadLetters DeadLetters,
    PartitionCounters Counters)
{
    /// <inheritdoc cref="Checkpoint.Epochs"/>
    public required LeaderEpochs Epochs { get; init; }

    /// <summary>
    /// The tokens that the stored checkpoint may have: of the last write that succeeded, and of the failed ones after it.
    /// </summary>
    public required List<long> CheckpointTokens { get; init; }

    /// <inheritdoc cref="Checkpoint.Life"/>
    public required Guid Life { get; init; }

    /// <summary>The store held a checkpoint of this loop at this time or later, µs since the epoch.</summary>
    public required long OwnedAt { get; set; }

    /// <summary>What was refused above the checkpoint, shared with the consume thread.</summary>
    public required Refusals Refusals { get; init; }

    /// <summary>Whether everything that was dispatched is durable and checkpointed.</summary>
    public bool IsDurable => Progress.IsCheckpointed && Grains.Unflushed.Count == 0 && DeadLetters.IsEmpty;
}
