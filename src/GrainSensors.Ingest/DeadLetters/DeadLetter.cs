using GrainSensors.Core.Readings;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>A message that <see cref="RejectionRules"/> rejected.</summary>
/// <param name="Topic">The topic of the message.</param>
/// <param name="Partition">The partition of the message.</param>
/// <param name="Offset">The offset of the message.</param>
/// <param name="Reason">Why the message is not a reading.</param>
/// <param name="Bytes">The unchanged value of the message. Null for a tombstone.</param>
internal sealed record DeadLetter(string Topic, int Partition, long Offset, RejectReason Reason, byte[]? Bytes);
