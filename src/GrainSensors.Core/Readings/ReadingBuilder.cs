using GrainSensors.Core.Text;
using GrainSensors.Core.Time;

namespace GrainSensors.Core.Readings;

/// <summary>
/// Takes readings part by part, from payloads of other forms than the contract's JSON, and judges them as <see cref="ReadingParser"/>
/// judges messages.
/// </summary>
/// <param name="sensor">Knows the numbers of names, and keeps the name of a sensor that has none.</param>
public sealed class ReadingBuilder(MeasurementCatalog catalog, AcceptedTimes times, MessageSensor sensor)
{
    /// <summary>The length of a quoted name, in characters.</summary>
    private const int MaxQuote = 60;

    private readonly int _maxDiscovered = catalog.Discovery.MostBeside(catalog.Declared);
    private readonly byte[] _text = new byte[SensorName.MaxBytes];
    private int _textLength;
    private bool _isSensorValid;
    private int _sensorId;
    private bool _hasMeasurement;
    private bool _hasOther;
    private (Measurement Measurement, double Value) _invalid;

    /// <summary>The values of the present reading.</summary>
    public MessageValues Values { get; } = new() { TakesNew = true };

    /// <summary>The sensor of the present reading.</summary>
    public MessageSensor Sensor => sensor;

    /// <summary>Begins a reading.</summary>
    /// <param name="text">The id or the name of the sensor in UTF-8.</param>
    public void Begin(ReadOnlySpan<byte> text)
    {
        Values.Clear();
        _textLength = Math.Min(text.Length, _text.Length);
        text[.._textLength].CopyTo(_text);
        _isSensorValid = MessageSensor.TryTake(sensor, text, out _sensorId);
        (_hasMeasurement, _hasOther, _invalid) = (false, false, default);
    }

    /// <param name="name">The name of the measurement in UTF-8, once in a reading.</param>
    /// <param name="value">NaN: the measurement has no value.</param>
    public void Add(ReadOnlySpan<byte> name, double value)
    {
        if (catalog.Table.Find(name) is { IsDeclared: true } declared)
        {
            var judged = ValueRules.Judge(value, declared.Measurement, out var isValid);
            Values.Set(declared.Number, judged, isValid);
            _invalid = isValid ? _invalid : (declared.Measurement, value);
            _hasMeasurement = true;
        }
        else if (!ValueRules.IsReserved(name) && ValueRules.TryTakeOther(catalog, name, value, _maxDiscovered, Values))
        {
            _hasMeasurement = true;
        }
        else
        {
            _hasOther = true;
        }
    }

    /// <summary>Ends the reading.</summary>
    /// <param name="timestamp">The event time, µs since the epoch; <see cref="long.MinValue"/>: it has none.</param>
    /// <param name="now">The wall clock, µs since the epoch.</param>
    /// <param name="reading">The reading with offset −1 and without its values; undefined if it is rejected.</param>
    /// <returns><see cref="RejectReason.None"/> for a reading.</returns>
    public RejectReason Complete(long timestamp, long now, out BatchedReading reading)
    {
        reading = new() { Offset = -1, SensorId = _sensorId, Timestamp = timestamp, HasDeclared = Values.HasDeclared };
        var reason = !_isSensorValid ? RejectReason.InvalidSensorId
            : timestamp == long.MinValue ? RejectReason.NoTimestamp
            : !times.Contain(timestamp, now) ? RejectReason.InvalidTimestamp
            : !Values.TryComplete() ? RejectReason.InvalidValue
            : _hasOther && !_hasMeasurement ? RejectReason.NoMeasurement
            : RejectReason.None;
        Values.Propose(reason == RejectReason.None ? catalog : null);
        return reason;
    }

    /// <summary>Says what is wrong with the reading that <see cref="Complete"/> has just rejected.</summary>
    /// <param name="timestamp">The event time, µs since the epoch.</param>
    /// <param name="now">The wall clock by which it was rejected, µs since the epoch.</param>
    /// <returns>A clause without a full stop, safe to print.</returns>
    public string Explain(long timestamp, long now, RejectReason reason) => reason switch
    {
        RejectReason.InvalidSensorId =>
            $"the sensor must have 1 to {SensorName.MaxLength} characters, none of them a control or format character",
        RejectReason.NoTimestamp => "the message has no time, neither in its payload nor from Kafka",
        RejectReason.InvalidTimestamp => RejectDetail.OfTime(TextOf(timestamp), timestamp < times.First, times, now),
        RejectReason.InvalidValue => FormattableString.Invariant(
            $"{PrintableText.Escape(_invalid.Measurement.Name)} must be a number {_invalid.Measurement.RangeText}; got {_invalid.Value}"),
        RejectReason.NoMeasurement => "none of its values is a measurement: see the options Measurements and Discovery",
        RejectReason.TooManySensors or RejectReason.UnknownSensor =>
            RejectDetail.OfNewSensor($"\"{PrintableText.Preview(_text.AsSpan(0, _textLength), MaxQuote)}\"", reason),
        RejectReason.Expired => $"the window of {TextOf(timestamp)} is older than the retention",
        _ => "",
    };

    private static string TextOf(long timestamp) => timestamp is >= EpochTime.Min and < EpochTime.Max
        ? EpochTime.ToIso8601(timestamp)
        : FormattableString.Invariant($"{timestamp} µs since 1970");
}
