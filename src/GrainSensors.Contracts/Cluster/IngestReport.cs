namespace GrainSensors.Contracts.Cluster;

/// <summary>The counters of a silo's ingest since its start.</summary>
/// <param name="Readings">Readings that were added to windows, each counted once.</param>
/// <param name="Rejected">Messages that became dead letters.</param>
/// <param name="Late">Readings that arrived after the end and grace of their window.</param>
/// <param name="Closed">Windows that became final.</param>
/// <param name="Rewinds">Rewinds of partitions to their checkpoint.</param>
/// <param name="Missed">Messages that Kafka deleted before they were read.</param>
[GenerateSerializer, Immutable, Alias("GrainSensors.IngestReport")]
public readonly record struct IngestReport(
    [property: Id(0)] long Readings,
    [property: Id(1)] long Rejected,
    [property: Id(2)] long Late,
    [property: Id(3)] long Closed,
    [property: Id(4)] long Rewinds,
    [property: Id(5)] long Missed);
