using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Ingest.Status;

/// <summary>The status of a partition.</summary>
/// <param name="Partition">The number of the partition.</param>
/// <param name="IsReady">The start position is known and the partition is being processed.</param>
/// <param name="Position">The next offset to dispatch.</param>
/// <param name="Checkpointed">The next offset of the last checkpoint: everything below is durable.</param>
/// <param name="CheckpointedAt">The time of the last checkpoint since the assignment, µs since the epoch. 0 before the first.</param>
/// <param name="AssignedAt">The time of the assignment, µs since the epoch.</param>
/// <param name="EndOffset">The offset after the last message, as of the last fetch.</param>
/// <param name="StreamTime">The stream time of the partition, µs since the epoch.</param>
/// <param name="OpenWindows">Windows that have not been closed.</param>
/// <param name="Trouble">Why the partition is stalled, in one sentence. Null if it is not.</param>
/// <param name="StalledSince">Since when the partition has been stalled, µs since the epoch. Null if it is not.</param>
public sealed record PartitionStatus(
    int Partition,
    bool IsReady,
    long Position,
    long Checkpointed,
    long CheckpointedAt,
    long AssignedAt,
    long EndOffset,
    long StreamTime,
    long OpenWindows,
    string? Trouble,
    long? StalledSince = null)
{
    /// <summary>The topic of the partition.</summary>
    public string Topic { get; init; } = "";

    /// <summary>Whether it is the topic of readings, and not that of a source.</summary>
    public bool IsContract { get; init; } = true;

    /// <summary>The partition in logs.</summary>
    public string Name => $"{new PartitionName(IsContract ? null : Topic, Partition)}";

    /// <summary>Messages in the log that are not in a window yet.</summary>
    public long Lag => Math.Max(0, EndOffset - Position);
}
