namespace GrainSensors.Ingest;

/// <summary>How ingest stands on this silo.</summary>
/// <param name="Partitions">Those that the group has given to this silo, by number.</param>
public sealed record IngestStatus(IngestTotals Totals, IReadOnlyList<PartitionStatus> Partitions)
{
    public long Lag => Partitions.Sum(partition => partition.Lag);

    public long OpenWindows => Partitions.Sum(partition => partition.OpenWindows);

    /// <param name="lastOffsets">Offsets of messages by partition; the partitions must be here.</param>
    /// <returns>Whether all messages up to these are in windows.</returns>
    public bool HasTaken(IReadOnlyDictionary<int, long> lastOffsets) => HasPassed(lastOffsets, partition => partition.Position);

    /// <param name="lastOffsets">Offsets of messages by partition; the partitions must be here.</param>
    /// <returns>Whether all messages up to these are durable in windows.</returns>
    public bool HasCheckpointed(IReadOnlyDictionary<int, long> lastOffsets) => HasPassed(lastOffsets, partition => partition.Checkpointed);

    /// <summary>What the partitions wait for, each sentence once.</summary>
    public IReadOnlyList<string> Troubles => [.. Partitions.Select(partition => partition.Trouble).OfType<string>().Distinct()];

    private bool HasPassed(IReadOnlyDictionary<int, long> lastOffsets, Func<PartitionStatus, long> nextOffset) =>
        lastOffsets.All(last => Partitions.Any(partition => partition.Partition == last.Key && nextOffset(partition) > last.Value));
}

/// <summary>How one partition stands.</summary>
/// <param name="IsReady">Its start is known and it is being worked off.</param>
/// <param name="Position">The next offset to be dispatched.</param>
/// <param name="Checkpointed">Everything below is durable.</param>
/// <param name="CheckpointedAt">When that became so, µs since the epoch; 0: not since the partition is here.</param>
/// <param name="AssignedAt">Since when the partition is here, µs since the epoch.</param>
/// <param name="EndOffset">The offset after the last message, as of the last fetch.</param>
/// <param name="StreamTime">µs since the epoch.</param>
/// <param name="Trouble">What it waits for, in one sentence; null: nothing.</param>
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
    string? Trouble)
{
    /// <summary>Messages in the log that are not yet in a window.</summary>
    public long Lag => Math.Max(0, EndOffset - Position);
}
