using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Kafka.Native;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// Decides whether a message is a reading or a dead letter, and for which reason. The first reason that applies counts:
/// <see cref="RejectReason.Tombstone"/>, then the reasons of <see cref="ReadingParser"/> in its order, then
/// <see cref="RejectReason.Expired"/>.
/// </summary>
public sealed class RejectionRules(ReadingParser parser, RetentionLimit retention)
{
    private readonly RejectDetail _detail = new(parser);

    /// <param name="message">The message, in the memory of the client.</param>
    /// <param name="now">The wall clock, µs since the epoch.</param>
    /// <param name="reading">The reading, without its offset. Undefined for a dead letter.</param>
    /// <returns>Why the message is a dead letter, or <see cref="RejectReason.None"/>.</returns>
    internal RejectReason Parse(in NativeMessage message, long now, out Reading reading)
    {
        if (message.IsTombstone)
        {
            reading = default;
            return RejectReason.Tombstone;
        }

        return Parse(message.Payload, now, out reading);
    }

    /// <param name="utf8">The value of the message.</param>
    /// <inheritdoc cref="Parse(in NativeMessage, long, out Reading)"/>
    public RejectReason Parse(ReadOnlySpan<byte> utf8, long now, out Reading reading)
    {
        var reason = parser.Parse(utf8, now, out reading);
        return reason == RejectReason.None && retention.IsExpired(reading.Timestamp, now) ? RejectReason.Expired : reason;
    }

    /// <summary>Whether the log shows that a reading was not too far ahead of the clock when it was accepted.</summary>
    /// <param name="timestamp">The event time of the reading, µs since the epoch.</param>
    /// <param name="appended">Kafka's timestamp of the message, ms since the epoch.</param>
    internal bool IsJustified(long timestamp, long appended) => timestamp <= parser.AcceptedTimes.LastAt(appended * 1000);

    /// <returns>See <see cref="RejectDetail.Of"/>.</returns>
    public string Explain(ReadOnlySpan<byte> utf8, long now, RejectReason reason) => _detail.Of(utf8, now, reason);
}
