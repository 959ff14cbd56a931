using GrainSensors.Ingest.Partitions;

namespace GrainSensors.Ingest;

/// <summary>What ingest has done on this silo since it started.</summary>
/// <param name="Readings">Taken into windows, each once however often it was fetched.</param>
/// <param name="Rejected">Messages that are not readings.</param>
/// <param name="Late">Readings whose window should have been closed when they arrived.</param>
/// <param name="Closed">Windows that became final.</param>
/// <param name="Rewinds">How often a partition went back to its checkpoint.</param>
/// <param name="Missed">Messages that the log had dropped before they were read.</param>
public readonly record struct IngestTotals(long Readings, long Rejected, long Late, long Closed, long Rewinds, long Missed)
{
    public static IngestTotals operator +(IngestTotals left, IngestTotals right) => new(
        left.Readings + right.Readings,
        left.Rejected + right.Rejected,
        left.Late + right.Late,
        left.Closed + right.Closed,
        left.Rewinds + right.Rewinds,
        left.Missed + right.Missed);

    internal static IngestTotals Of(PartitionCounters counters) =>
        new(counters.Readings, counters.Rejected, counters.Late, counters.Closed, counters.Rewinds, counters.Missed);
}
