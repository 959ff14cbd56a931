namespace GrainSensors.Reconciliation.Log;

/// <summary>A range of offsets of one partition.</summary>
/// <param name="Begin">First offset, inclusive.</param>
/// <param name="End">Last offset, exclusive.</param>
internal readonly record struct OffsetRange(int Partition, long Begin, long End);
