using GrainSensors.Ingest.Partitions;

namespace GrainSensors.Ingest;

/// <summary>What ingest has done on this silo since it started.</summary>
/// <param name="Readings">Taken into windows, each once however often it was fetched.</param>
/// <param name="Late">Readings whose window should have been closed when they arrived.</param>
/// <param name="Closed">Windows that became final.</param>
/// <param name="Rewinds">How often a partition went back to its checkpoint.</param>
/// <param name="Missed">Messages that the log had dropped before they were read.</param>
/// <param name="Rejects">Messages that are not readings, by reason.</param>
public sealed record IngestTotals(long Readings, long Late, long Closed, long Rewinds, long Missed, RejectCounts Rejects)
{
    public static IngestTotals None { get; } = new(0, 0, 0, 0, 0, new());

    /// <summary>Messages that are not readings.</summary>
    public long Rejected => Rejects.Total;

    public IngestTotals Plus(IngestTotals other) => new(
        Readings + other.Readings,
        Late + other.Late,
        Closed + other.Closed,
        Rewinds + other.Rewinds,
        Missed + other.Missed,
        Rejects.Plus(other.Rejects));

    internal static IngestTotals Of(PartitionCounters counters) =>
        new(counters.Readings, counters.Late, counters.Closed, counters.Rewinds, counters.Missed, counters.Rejects);
}
