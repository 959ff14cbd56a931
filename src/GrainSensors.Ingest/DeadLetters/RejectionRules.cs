using GrainSensors.Core.Readings;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// Decides whether a message is a reading or a dead letter, and for which reason. The first reason that applies counts:
/// <see cref="RejectReason.Tombstone"/>, then the reasons of <see cref="ReadingParser"/> in its order, then
/// <see cref="RejectReason.Expired"/>.
/// </summary>
public sealed class RejectionRules(ReadingParser parser, RetentionLimit retention)
{
    internal MeasurementCatalog Catalog => parser.Catalog;

    /// <summary>The event times that are accepted.</summary>
    internal AcceptedTimes AcceptedTimes => parser.AcceptedTimes;

    private readonly RejectDetail _detail = new(parser);

    /// <param name="utf8">The value of the message.</param>
    /// <param name="now">The wall clock, µs since the epoch.</param>
    /// <param name="reading">The reading, without its offset. Undefined for a dead letter.</param>
    /// <returns>Why the message is a dead letter, or <see cref="RejectReason.None"/>.</returns>
    public RejectReason Parse(ReadOnlySpan<byte> utf8, long now, out BatchedReading reading) =>
        Parse(utf8, now, null, new(), out reading);

    /// <param name="sensor">Keeps the name of the sensor; null: nothing is kept.</param>
    /// <param name="values">Receives the values of the reading.</param>
    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, long, out BatchedReading)"/>
    public RejectReason Parse(ReadOnlySpan<byte> utf8, long now, MessageSensor? sensor, MessageValues values, out BatchedReading reading) =>
        Parse(utf8, now, now, sensor, values, out reading);

    /// <summary>Judges a message of a partition; one that may be read again as it was judged before.</summary>
    /// <param name="refusals">What the partition has refused.</param>
    /// <param name="sensor">Knows the numbers of names.</param>
    /// <param name="refusal">Set when the message is rejected; null then if the rejection does not depend on the time.</param>
    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, long, MessageSensor, MessageValues, out BatchedReading)"/>
    internal RejectReason Judge(
        Refusals refusals, long offset, ReadOnlySpan<byte> utf8, long now, MessageSensor sensor, MessageValues values,
        out BatchedReading reading, ref Refusal? refusal)
    {
        if (Known(refusals, offset, index: 0) is { } known)
        {
            (reading, refusal) = (default, known);
            return known.Reason;
        }

        var (first, last) = TimesOf(refusals, offset, now);
        var reason = Parse(utf8, first, last, sensor, values, out reading);
        if (reason != RejectReason.None)
        {
            refusal = DependsOnTime(reason, in reading, now) ? new(offset, 0, reason, now) : null;
        }

        return reason;
    }

    /// <summary>Judges a reading of a message of a partition; one that may be read again as it was judged before.</summary>
    /// <param name="index">The reading within the message.</param>
    /// <param name="builder">Has the reading.</param>
    /// <param name="timestamp">The event time, µs since the epoch.</param>
    /// <param name="refusal">The rejection if it depends on the time.</param>
    internal RejectReason Judge(
        Refusals refusals, long offset, int index, long now, ReadingBuilder builder, long timestamp, out BatchedReading reading,
        out Refusal? refusal)
    {
        var (first, last) = TimesOf(refusals, offset, now);
        var reason = builder.Complete(timestamp, last, out reading);
        reason = reason == RejectReason.None && retention.IsExpired(timestamp, first) ? RejectReason.Expired : reason;
        refusal = Known(refusals, offset, index) is { } known ? known
            : reason != RejectReason.None && DependsOnTime(reason, in reading, now) ? new(offset, index, reason, now)
            : null;
        return refusal?.Reason ?? reason;
    }

    /// <summary>Whether other owners of a partition may reject accepted readings because of the time.</summary>
    /// <param name="first">The first event time of the readings, µs since the epoch.</param>
    /// <param name="last">The last one.</param>
    /// <param name="ownedAt">No owner has begun before this time, µs since the epoch.</param>
    /// <param name="now">The wall clock, µs since the epoch.</param>
    internal (bool TooEarly, bool TooLate) MayBeRejected(long first, long last, long ownedAt, long now) => (
        last > parser.AcceptedTimes.LastAt(ownedAt - Refusals.Tolerance),
        retention.IsExpired(first, now + RetentionLimit.MostRepeated));

    /// <summary>Whether the log shows that a reading was not too far ahead of the clock when it was accepted.</summary>
    /// <param name="timestamp">The event time of the reading, µs since the epoch.</param>
    /// <param name="appended">Kafka's timestamp of the message, ms since the epoch.</param>
    internal bool IsJustified(long timestamp, long appended) => timestamp <= parser.AcceptedTimes.LastAt(appended * 1000);

    /// <returns>See <see cref="RejectDetail.Of"/>.</returns>
    public string Explain(ReadOnlySpan<byte> utf8, long now, RejectReason reason) => _detail.Of(utf8, now, reason);

    /// <returns>The stored refusal of a message that may be read again; null: there is none.</returns>
    internal static Refusal? Known(Refusals refusals, long offset, int index) =>
        refusals.MayRepeat(offset) ? refusals.Find(offset, index) : null;

    /// <returns>The first and the last time at which the message can have been judged.</returns>
    private static (long First, long Last) TimesOf(Refusals refusals, long offset, long now)
    {
        if (!refusals.MayRepeat(offset))
        {
            return (now, now);
        }

        var (first, last) = refusals.TimesUntil(now);
        return (Math.Max(first, now - RetentionLimit.MostRepeated), last);
    }

    private bool DependsOnTime(RejectReason reason, in BatchedReading reading, long now) =>
        reason == RejectReason.Expired
        || (reason == RejectReason.InvalidTimestamp
            && reading.Timestamp > parser.AcceptedTimes.LastAt(now) && reading.Timestamp <= AcceptedTimes.Last);

    private RejectReason Parse(
        ReadOnlySpan<byte> utf8, long first, long last, MessageSensor? sensor, MessageValues values, out BatchedReading reading)
    {
        var reason = parser.Parse(utf8, last, sensor, values, out reading);
        return reason == RejectReason.None && retention.IsExpired(reading.Timestamp, first) ? RejectReason.Expired : reason;
    }
}
