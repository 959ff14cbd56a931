using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka.Native;

namespace GrainSensors.Ingest.Consuming;

/// <summary>
/// Consecutive readings of one partition, parsed in place from the memory of the client. They are appended to the buffer of the
/// partition together, so that its lock is taken once. For the consume thread only.
/// </summary>
internal sealed class ParsedBatch(RejectionRules rules, int capacity, TimeProvider clock)
{
    private readonly Reading[] _readings = new Reading[capacity];
    private int _count;
    private long _wallClock;
    private Refusal? _refusal;

    public bool IsEmpty => _count == 0;

    /// <summary>The partition of the readings.</summary>
    public AssignedPartition? Partition { get; private set; }

    /// <summary>The refusal of the message that was rejected last. Null if its rejection does not depend on the time.</summary>
    public Refusal? Refusal => _refusal;

    /// <summary>Kafka's timestamp of the first reading, ms since the epoch.</summary>
    public long AppendedAt { get; private set; }

    public ReadOnlySpan<Reading> Readings => _readings.AsSpan(0, _count);

    /// <summary>Reads the clock. Timestamps of later messages are compared with this time.</summary>
    public void ReadClock() => _wallClock = EpochTime.Now(clock);

    /// <summary>Adds a message if it is a valid reading.</summary>
    /// <returns>Why the message is a dead letter, or <see cref="RejectReason.None"/>.</returns>
    public RejectReason Add(AssignedPartition partition, in NativeMessage message)
    {
        ref var reading = ref _readings[_count];
        if (message.IsTombstone)
        {
            _refusal = null;
            return RejectReason.Tombstone;
        }

        var reason = rules.Judge(partition.Refusals, message.Offset, message.Payload, _wallClock, out reading, ref _refusal);
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

    /// <returns>The reason for which <see cref="Add"/> has just rejected the message, in full.</returns>
    public string Explain(in NativeMessage message, RejectReason reason) =>
        rules.Explain(message.Payload, Refusal?.RefusedAt ?? _wallClock, reason);

    public void Clear() => _count = 0;
}
