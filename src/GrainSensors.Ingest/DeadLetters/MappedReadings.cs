using GrainSensors.Core.Readings;
using GrainSensors.Sources;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Results;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// The readings of one message of a source after the other, judged as messages of the contract are. For one thread at a time.
/// </summary>
/// <param name="declared">The number of declared measurements.</param>
internal sealed class MappedReadings(RejectionRules rules, ReadingBuilder builder, int declared) : IReadingSink
{
    private readonly List<(int Index, RejectReason Reason, string Detail)> _rejected = [];
    private readonly List<Refusal> _refusals = [];
    private readonly List<(byte[] Name, int Index)> _unnamed = [];
    private Refusals _judged = new();
    private HashSet<int>? _parts;
    private long _offset;
    private long _now;
    private int _index = -1;
    private long _timestamp;
    private bool _isSelected;

    /// <summary>The readings that are not rejected.</summary>
    public ReadingBatch Readings { get; } = new(1);

    /// <summary>Those of sensors that have names without known numbers, by their index in the message.</summary>
    public List<(byte[] Name, int Index)> Unnamed => _unnamed;

    public bool IsRejected => _rejected.Count > 0;

    /// <summary>The reason of the first rejection; <see cref="RejectReason.None"/> without one.</summary>
    public RejectReason FirstReason => IsRejected ? _rejected[0].Reason : RejectReason.None;

    /// <summary>The number of values that were left out, because there are too many measurements or too many values.</summary>
    public int Dropped { get; private set; }

    /// <summary>The values of the reading that was judged last.</summary>
    public MessageValues Values => builder.Values;

    /// <summary>Reads and judges a message.</summary>
    /// <param name="judged">What its partition has refused.</param>
    /// <param name="parts">The readings to take; null: all.</param>
    /// <param name="now">The wall clock, µs since the epoch.</param>
    /// <param name="schemaId">The id of a schema that must be fetched.</param>
    /// <returns>False: nothing was read, because the schema of the message must be fetched before.</returns>
    public bool TryRead(
        SourceReader reader, in SourceMessage message, Refusals judged, long offset, HashSet<int>? parts, long now, out int schemaId)
    {
        Begin(judged, offset, now);
        if (RejectionRules.Known(judged, offset, IReadingSink.WholeMessage) is { } known)
        {
            schemaId = 0;
            _refusals.Add(known);
            _rejected.Add((known.Index, known.Reason, "the schema registry refused its schema when the message was first read"));
            return true;
        }

        _parts = parts;
        _isSelected = false;
        if (!reader.TryRead(message, this, out schemaId))
        {
            return false;
        }

        Complete();
        if (!_isSelected)
        {
            _rejected.Add((
                IReadingSink.WholeMessage, RejectReason.NoReading, "the message has none of the readings that its header parts selects"));
        }

        return true;
    }

    /// <summary>Rejects a message without a value.</summary>
    public void ReadTombstone(Refusals judged, long offset, long now)
    {
        Begin(judged, offset, now);
        _rejected.Add((IReadingSink.WholeMessage, RejectReason.Tombstone, "the value of the message is null"));
    }

    /// <returns>A dead letter with the readings that were rejected, the first of which gives the reason.</returns>
    public DeadLetter Explain(DeadLetter message)
    {
        var (index, reason, detail) = _rejected[0];
        var isWhole = index == IReadingSink.WholeMessage;
        return message with
        {
            Reason = reason,
            Detail = DeadLetter.DetailOf(index, detail, _rejected.Count),
            Parts = isWhole ? null : [.. _rejected.Select(rejected => rejected.Index)],
            Refusals = [.. _refusals],
        };
    }

    public void Reading(int index, ReadOnlySpan<byte> sensor, long micros)
    {
        Complete();
        if (_parts?.Contains(index) != false)
        {
            (_index, _timestamp, _isSelected) = (index, micros, true);
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
            _isSelected = true;
            _rejected.Add((index, ReasonOf(reason), detail));
            if (reason == SourceRejectReason.NoSchema)
            {
                // The registry may get the schema before the message is read again.
                _refusals.Add(new(_offset, index, RejectReason.NoSchema, _now));
            }
        }
    }

    private void Begin(Refusals judged, long offset, long now)
    {
        Readings.Clear();
        _rejected.Clear();
        _refusals.Clear();
        _unnamed.Clear();
        (_judged, _offset, _now, _index, _parts, Dropped) = (judged, offset, now, -1, null, 0);
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
            // A letter has the detail of its first reading only.
            var detail = IsRejected ? "" : builder.Explain(_timestamp, refusal?.RefusedAt ?? _now, reason);
            _rejected.Add((index, reason, detail));
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
        SourceRejectReason.NoSchema => RejectReason.NoSchema,
        _ => RejectReason.Malformed,
    };
}
