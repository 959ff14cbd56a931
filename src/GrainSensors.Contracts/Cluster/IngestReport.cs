namespace GrainSensors.Contracts.Cluster;

/// <summary>What ingest of a silo has done since it started.</summary>
/// <param name="Readings">Taken into windows, each once.</param>
/// <param name="Rejected">Messages that are not readings.</param>
/// <param name="Late">Readings whose window should have been closed when they arrived.</param>
/// <param name="Closed">Windows that became final.</param>
/// <param name="Rewinds">How often a partition went back to its checkpoint.</param>
/// <param name="Missed">Messages that the log had dropped before they were read.</param>
[GenerateSerializer, Immutable, Alias("GrainSensors.IngestReport")]
public readonly record struct IngestReport(
    [property: Id(0)] long Readings,
    [property: Id(1)] long Rejected,
    [property: Id(2)] long Late,
    [property: Id(3)] long Closed,
    [property: Id(4)] long Rewinds,
    [property: Id(5)] long Missed);
