namespace GrainSensors.Ingest.Partitions;

/// <summary>A batch whose windows are tracked.</summary>
/// <param name="MinEventTime">The smallest event time in the batch, µs since the epoch.</param>
/// <param name="MaxEventTime">The greatest one.</param>
/// <param name="Readings">Readings that were not counted before a rewind.</param>
/// <param name="Late">Readings among them that are late.</param>
/// <param name="NewGrains">Grains that have acknowledged nothing yet in this generation.</param>
internal readonly record struct TrackedBatch(long MinEventTime, long MaxEventTime, long Readings, long Late, int NewGrains);
