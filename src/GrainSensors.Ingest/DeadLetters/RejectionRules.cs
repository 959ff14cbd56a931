using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Kafka.Native;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// Decides whether a message is a reading or a dead letter, and for which reason. The first reason that applies counts:
/// <see cref="RejectReason.Tombstone"/>, then the reasons of <see cref="ReadingParser"/> in its order, then
/// <see cref="RejectReason.Expired"/>.
/// </summary>
internal sealed class RejectionRules(ReadingParser parser, RetentionLimit retention)
{
    /// <param name="message">The message, in the memory of the client.</param>
    /// <param name="now">The wall clock, µs since the epoch.</param>
    /// <param name="reading">The reading, without its offset. Undefined for a dead letter.</param>
    /// <returns>Why the message is a dead letter, or <see cref="RejectReason.None"/>.</returns>
    public RejectReason Parse(in NativeMessage message, long now, out Reading reading)
    {
        if (message.IsTombstone)
        {
            reading = default;
            return RejectReason.Tombstone;
        }

        var reason = parser.Parse(message.Payload, now, out reading);
        return reason == RejectReason.None && retention.IsExpired(reading.Timestamp, now) ? RejectReason.Expired : reason;
    }
}
