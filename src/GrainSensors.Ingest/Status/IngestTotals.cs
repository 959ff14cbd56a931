namespace GrainSensors.Ingest.Status;

/// <summary>The totals of ingest on this silo since its start.</summary>
/// <param name="Readings">Readings added to windows. A reading that is fetched again counts once.</param>
/// <param name="Late">Late readings: their window was due to be closed when they arrived.</param>
/// <param name="Closed">Windows that became final.</param>
/// <param name="Rewinds">Rewinds of partitions to their checkpoint.</param>
/// <param name="Missed">Messages that retention removed from the log before they were read.</param>
/// <param name="Rejects">Dead letters by reason.</param>
public sealed record IngestTotals(long Readings, long Late, long Closed, long Rewinds, long Missed, RejectCounts Rejects)
{
    /// <summary>Totals in which every number is 0.</summary>
    public static IngestTotals None { get; } = new(0, 0, 0, 0, 0, new());

    /// <summary>The number of dead letters.</summary>
    public long Rejected => Rejects.Total;

    /// <returns>The sum of both totals.</returns>
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
