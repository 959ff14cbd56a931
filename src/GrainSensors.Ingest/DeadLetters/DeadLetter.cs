using GrainSensors.Core.Readings;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>A message that is not a reading, and why.</summary>
/// <param name="Topic">Where it stood.</param>
/// <param name="Bytes">The value as it came; null for a tombstone.</param>
internal sealed record DeadLetter(string Topic, int Partition, long Offset, RejectReason Reason, byte[]? Bytes);
