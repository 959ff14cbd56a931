using GrainSensors.Core.Readings;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka.Native;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Results;

namespace GrainSensors.Ingest.Consuming;

/// <summary>
/// The readings of one message of a source after the other, judged as messages of the contract are. For the consume thread only.
/// </summary>
/// <param name="declared">The number of declared measurements.</param>
internal sealed class MappedMessage(RejectionRules rules, ReadingBuilder builder, int declared) : IReadingSink
{
    private readonly List<(int Index, RejectReason Reason, string Detail)> _rejected = [];
    private readonly List<Refusal> _refusals = [];
    private readonly List<(byte[] Name, int Index)> _unnamed = [];
    private readonly NativeHeaders _headers = new();
    private Refusals _judged = new();
    private HashSet<int>? _parts;
    private long _offset;
    private long _now;
    private int _index = -1;
    private long _timestamp;

    /// <summary>The readings that are not rejected.</summary>
    public ReadingBatch Readings { get; } = new(1);

    /// <summary>Those of sensors that have names without known numbers, by their index in the message.</summary>
    public List<(byte[] Name, int Index)> Unnamed => _unnamed;

    public bool IsRejected => _rejected.Count > 0;

    /// <summary>The number of values that were left out, because there are too many measurements or too many values.</summary>
    public int Dropped { get; private set; }

    /// <summary>The values of the reading that was judged last.</summary>
    public MessageValues Values => builder.Values;

    /// <param name="now">The wall clock, µs since the epoch.</param>
    public void Read(AssignedPartition partition, in NativeMessage message, long now)
    {
        Readings.Clear();
        _rejected.Clear();
        _refusals.Clear();
        _unnamed.Clear();
        (_judged, _offset, _now, _index, Dropped) = (partition.Refusals, message.Offset, now, -1, 0);
        if (message.IsTombstone)
        {
            _parts = null;
            _rejected.Add((IReadingSink.WholeMessage, RejectReason.Tombstone, "the value of the message is null"));
            return;
        }

        _parts = MessageParts.Parse(MessageDetails.Header(in message, DeadLetterHeaders.Parts));
        _headers.Set(in message);
        var timestamp = MessageDetails.Timestamp(in message);
        partition.Reader!.Read(
            new(message.Payload)
            {
                Key = message.Key,
                Topic = MessageDetails.TopicOf(in message),
                Timestamp = timestamp is { } millis ? millis * 1000 : SourceMessage.NoTime,
                Headers = _headers,
            },
            this);
        Complete();
    }

    /// <returns>The dead letter of the readings that were rejected.</returns>
    public DeadLetter LetterOf(AssignedPartition partition, in NativeMessage message)
    {
        var (index, reason, detail) = _rejected[0];
        var isWhole = index == IReadingSink.WholeMessage;
        var more = _rejected.Count > 1 ? $" (and {_rejected.Count - 1} more)" : "";
        return new(
            partition.At.Topic, partition.Partition, message.Offset, reason,
            isWhole ? detail : $"reading {index}: {detail}{more}", message.IsTombstone ? null : message.Payload.ToArray(),
            MessageDetails.Attributes(in message))
        {
            Parts = isWhole ? null : [.. _rejected.Select(rejected => rejected.Index)],
            Refusals = [.. _refusals],
        };
    }

    public void Reading(int index, ReadOnlySpan<byte> sensor, long micros)
    {
        Complete();
        if (_parts?.Contains(index) != false)
        {
            (_index, _timestamp) = (index, micros);
            builder.Begin(sensor);
        }
    }

    public void Value(ReadOnlySpan<byte> name, double value) => Add(name, value);

    public void Null(ReadOnlySpan<byte> name) => Add(name, double.NaN);

    public void Reject(int index, SourceRejectReason reason, string detail)
    {
        Complete();
        if (index == IReadingSink.WholeMessage || _parts?.Contains(index) != false)
        {
            _rejected.Add((index, ReasonOf(reason), detail));
        }
    }

    private void Add(ReadOnlySpan<byte> name, double value)
    {
        if (_index >= 0)
        {
            builder.Add(name, value);
        }
    }

    private void Complete()
    {
        if (_index < 0)
        {
            return;
        }

        var index = _index;
        _index = -1;
        var reason = rules.Judge(_judged, _offset, index, _now, builder, _timestamp, out var reading, out var refusal);
        if (reason != RejectReason.None)
        {
            _rejected.Add((index, reason, builder.Explain(_timestamp, refusal?.RefusedAt ?? _now, reason)));
            if (refusal is { } isRefused)
            {
                _refusals.Add(isRefused);
            }

            return;
        }

        Dropped += Values.Dropped;
        if (Values.AreLeftOut)
        {
            return;
        }

        reading.Offset = _offset;
        if (reading.SensorId == SensorName.NoNumber)
        {
            _unnamed.Add((builder.Sensor.Name.ToArray(), index));
        }

        Readings.Add(reading, Values.All);
        Readings.HasDiscovered |= Values.HasDiscovered(declared);
        Readings.AwaitsNames |= Values.AwaitsNames;
    }

    private static RejectReason ReasonOf(SourceRejectReason reason) => reason switch
    {
        SourceRejectReason.TooLarge => RejectReason.TooLarge,
        SourceRejectReason.TooManyReadings => RejectReason.TooManyReadings,
        SourceRejectReason.NoReading => RejectReason.NoReading,
        SourceRejectReason.NoSensorId => RejectReason.NoSensorId,
        SourceRejectReason.InvalidSensorId => RejectReason.InvalidSensorId,
        SourceRejectReason.InvalidTimestamp => RejectReason.InvalidTimestamp,
        SourceRejectReason.NoMeasurement => RejectReason.NoMeasurement,
        SourceRejectReason.InvalidValue => RejectReason.InvalidValue,
        _ => RejectReason.Malformed,
    };
}
