using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Kafka.Native;

namespace GrainSensors.Ingest.Consuming;

/// <summary>
/// Readings of one partition that were fetched in a row, parsed where the client's memory lies: they go into the
/// partition's buffer together, so that its lock is taken once. Consume thread only.
/// </summary>
internal sealed class ParsedBatch(ReadingParser parser, Expiry expiry, int capacity, TimeProvider clock)
{
    private readonly Reading[] _readings = new Reading[capacity];
    private int _count;
    private long _wallClock;

    public bool IsEmpty => _count == 0;

    /// <summary>Of these readings.</summary>
    public AssignedPartition? Partition { get; private set; }

    /// <summary>Kafka's timestamp of the first of them, ms since the epoch.</summary>
    public long AppendedAt { get; private set; }

    public ReadOnlySpan<Reading> Readings => _readings.AsSpan(0, _count);

    /// <summary>From now on readings of the future are judged against the present moment.</summary>
    public void LookAtClock() => _wallClock = EpochTime.Now(clock);

    /// <returns>Why the message is no reading; else it is one of the run.</returns>
    public RejectReason Add(AssignedPartition partition, in NativeMessage message)
    {
        ref var reading = ref _readings[_count];
        var reason = message.IsTombstone ? RejectReason.Tombstone : parser.Parse(message.Payload, _wallClock, out reading);
        if (reason == RejectReason.None && expiry.Has(reading.Timestamp, _wallClock))
        {
            reason = RejectReason.Expired;
        }

        if (reason == RejectReason.None)
        {
            reading.Offset = message.Offset;
            Partition = partition;
            if (_count++ == 0)
            {
                AppendedAt = MessageDetails.AppendedAt(in message);
            }
        }

        return reason;
    }

    public void Clear() => _count = 0;
}
