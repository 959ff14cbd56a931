namespace GrainSensors.Core.Readings;

/// <summary>A rejection that depends on the time at which the message was read. At another time the message may be a reading.</summary>
/// <param name="Offset">The offset of the message.</param>
/// <param name="Index">The reading within its message, from 0.</param>
/// <param name="Reason">Why the message is a dead letter.</param>
/// <param name="RefusedAt">The wall clock by which the message was rejected, µs since the epoch.</param>
public readonly record struct Refusal(long Offset, int Index, RejectReason Reason, long RefusedAt);
