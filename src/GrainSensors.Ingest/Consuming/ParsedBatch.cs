using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka.Native;

namespace GrainSensors.Ingest.Consuming;

/// <summary>
/// Consecutive readings of one partition, parsed in place from the memory of the client. They are appended to the buffer of the
/// partition together, so that its lock is taken once. For the consume thread only.
/// </summary>
/// <param name="declared">The number of declared measurements.</param>
internal sealed class ParsedBatch(RejectionRules rules, MessageSensor sensor, int declared, int capacity, TimeProvider clock)
{
    private readonly ReadingBatch _readings = new(capacity);
    private readonly ReadingBatch _unnamed = new(1);
    private readonly MessageValues _values = new() { TakesNew = true };
    private BatchedReading _last;
    private long _wallClock;
    private Refusal? _refusal;

    public bool IsEmpty => _readings.Count == 0;

    /// <summary>The partition of the readings.</summary>
    public AssignedPartition? Partition { get; private set; }

    /// <summary>The refusal of the message that was rejected last. Null if its rejection does not depend on the time.</summary>
    public Refusal? Refusal => _refusal;

    /// <summary>The sensor of the message that was parsed last.</summary>
    public MessageSensor Sensor => sensor;

    /// <summary>The values of the message that was parsed last.</summary>
    public MessageValues Values => _values;

    /// <summary>Kafka's timestamp of the first reading, ms since the epoch.</summary>
    public long AppendedAt { get; private set; }

    public ReadingBatch Readings => _readings;

    /// <summary>The time of <see cref="ReadClock"/>, µs since the epoch.</summary>
    public long WallClock => _wallClock;

    /// <summary>Reads the clock. Timestamps of later messages are compared with this time.</summary>
    public void ReadClock() => _wallClock = EpochTime.Now(clock);

    /// <summary>Adds a message if it is a valid reading of a sensor whose number is known.</summary>
    /// <param name="isNamed">False for a valid reading of a sensor whose number is not known.</param>
    /// <param name="isLeftOut">Whether all values of the reading were left out. It is no reading then.</param>
    /// <returns>Why the message is a dead letter, or <see cref="RejectReason.None"/>.</returns>
    public RejectReason Add(AssignedPartition partition, in NativeMessage message, out bool isNamed, out bool isLeftOut)
    {
        (isNamed, isLeftOut) = (true, false);
        if (message.IsTombstone)
        {
            _refusal = null;
            return RejectReason.Tombstone;
        }

        var reason = rules.Judge(partition.Refusals, message.Offset, message.Payload, _wallClock, sensor, _values, out _last, ref _refusal);
        if (reason == RejectReason.None)
        {
            _last.Offset = message.Offset;
            _last.HasDeclared = _values.HasDeclared;
            if (_values.AreLeftOut)
            {
                isLeftOut = true;
                return reason;
            }

            if (_last.SensorId == SensorName.NoNumber)
            {
                isNamed = false;
                return reason;
            }

            Partition = partition;
            if (IsEmpty)
            {
                AppendedAt = MessageDetails.AppendedAt(in message);
            }

            AddTo(_readings);
        }

        return reason;
    }

    /// <returns>The reason for which the message was just rejected, in full.</returns>
    public string Explain(in NativeMessage message, RejectReason reason) =>
        rules.Explain(message.Payload, Refusal?.RefusedAt ?? _wallClock, reason);

    /// <summary>The reading that was just left out because the number of its sensor is not known.</summary>
    /// <returns>A batch that is valid until the next call.</returns>
    public ReadingBatch TakeUnnamed()
    {
        _unnamed.Clear();
        AddTo(_unnamed);
        return _unnamed;
    }

    private void AddTo(ReadingBatch batch)
    {
        batch.Add(_last, _values.All);
        batch.HasDiscovered |= _values.HasDiscovered(declared);
        batch.AwaitsNames |= _values.AwaitsNames;
    }

    /// <summary>Adds the readings of a message, none of which waits for the number of its sensor.</summary>
    public void Add(AssignedPartition partition, ReadingBatch readings, long appendedAt)
    {
        (Partition, AppendedAt) = (partition, IsEmpty ? appendedAt : AppendedAt);
        foreach (ref readonly var reading in readings.Readings)
        {
            _readings.Add(in reading, readings.ValuesOf(in reading));
        }

        _readings.HasDiscovered |= readings.HasDiscovered;
        _readings.AwaitsNames |= readings.AwaitsNames;
    }

    public void Clear() => _readings.Clear();
}
