namespace GrainSensors.Ingest.Status;

/// <summary>The status of ingest on this silo.</summary>
/// <param name="Totals">The totals since the start of the silo.</param>
/// <param name="Partitions">The partitions that are assigned to this silo, by number.</param>
public sealed record IngestStatus(IngestTotals Totals, IReadOnlyList<PartitionStatus> Partitions)
{
    /// <summary>Messages in the log that are not in a window yet.</summary>
    public long Lag => Partitions.Sum(partition => partition.Lag);

    /// <summary>Windows that have not been closed.</summary>
    public long OpenWindows => Partitions.Sum(partition => partition.OpenWindows);

    /// <param name="lastOffsets">
    /// The last offset by partition of the topic of readings. All of these partitions must be assigned to this silo.
    /// </param>
    /// <returns>Whether all messages up to these offsets are in windows.</returns>
    public bool HasTaken(IReadOnlyDictionary<int, long> lastOffsets) => HasPassed(lastOffsets, partition => partition.Position);

    /// <param name="lastOffsets">
    /// The last offset by partition of the topic of readings. All of these partitions must be assigned to this silo.
    /// </param>
    /// <returns>Whether all messages up to these offsets are durable in windows.</returns>
    public bool HasCheckpointed(IReadOnlyDictionary<int, long> lastOffsets) => HasPassed(lastOffsets, partition => partition.Checkpointed);

    /// <summary>Why partitions are stalled, each reason once.</summary>
    public IReadOnlyList<string> Troubles => [.. Partitions.Select(partition => partition.Trouble).OfType<string>().Distinct()];

    private bool HasPassed(IReadOnlyDictionary<int, long> lastOffsets, Func<PartitionStatus, long> nextOffset) =>
        lastOffsets.All(last => Partitions.Any(
            partition => partition.IsContract && partition.Partition == last.Key && nextOffset(partition) > last.Value));
}
