using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka.Native;

namespace GrainSensors.Ingest.Consuming;

/// <summary>
/// Consecutive readings of one partition, parsed in place from the memory of the client. They are appended to the buffer of the
/// partition together, so that its lock is taken once. For the consume thread only.
/// </summary>
internal sealed class ParsedBatch(RejectionRules rules, MessageSensor sensor, int capacity, TimeProvider clock)
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

    /// <summary>The sensor of the message that was parsed last.</summary>
    public MessageSensor Sensor => sensor;

    /// <summary>Kafka's timestamp of the first reading, ms since the epoch.</summary>
    public long AppendedAt { get; private set; }

    public ReadOnlySpan<Reading> Readings => _readings.AsSpan(0, _count);

    /// <summary>Reads the clock. Timestamps of later messages are compared with this time.</summary>
    public void ReadClock() => _wallClock = EpochTime.Now(clock);

    /// <summary>Adds a message if it is a valid reading of a sensor whose number is known.</summary>
    /// <param name="isNamed">False for a valid reading of a sensor whose number is not known.</param>
    /// <returns>Why the message is a dead letter, or <see cref="RejectReason.None"/>.</returns>
    public RejectReason Add(AssignedPartition partition, in NativeMessage message, out bool isNamed)
    {
        isNamed = true;
        ref var reading = ref _readings[_count];
        if (message.IsTombstone)
        {
            _refusal = null;
            return RejectReason.Tombstone;
        }

        var reason = rules.Judge(partition.Refusals, message.Offset, message.Payload, _wallClock, sensor, out reading, ref _refusal);
        if (reason == RejectReason.None)
        {
            reading.Offset = message.Offset;
            if (reading.SensorId == SensorName.NoNumber)
            {
                isNamed = false;
                return reason;
            }

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

    /// <summary>The reading that <see cref="Add"/> has just left out because the number of its sensor is not known.</summary>
    public Reading Unnamed => _readings[_count];

    public void Clear() => _count = 0;
}
