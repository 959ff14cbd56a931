using System.Text.Json;
using System.Text.Unicode;

namespace GrainSensors.Core.Readings;

/// <summary>Parses the contract JSON of <c>sensor-data</c>. It neither allocates nor throws, for any bytes.</summary>
/// <remarks>
/// <para>
/// A message has exactly one <see cref="RejectReason"/>. The size is checked first. Then the whole message must be well-formed.
/// Then the members are checked: sensor, timestamp, values.
/// </para>
/// <para>
/// JSON is that of RFC 8259: no comments, no trailing commas, at most <see cref="MaxDepth"/> levels, valid UTF-8 in every string.
/// One leading byte order mark is allowed. Unknown members are skipped. The last of several members with one name counts, valid or
/// not. Names are compared without their escapes.
/// </para>
/// <para>
/// <c>sensor_id</c> is a number written as an integer, or text (<see cref="SensorName"/>). Text is an id only as the id is written:
/// <c>"7"</c> is sensor 7, <c>"007"</c> is a name. A number that is negative or beyond int32 is the name of its digits. <c>7.0</c> and
/// <c>7e0</c> are rejected, so that every engine that reads the topic assigns a reading to the same sensor.
/// </para>
/// <para>
/// <c>timestamp</c> is in seconds since the epoch, above 10¹¹ in milliseconds. The decimal number is read exactly and cut to the
/// microsecond below (⌊t · 10⁶⌋), so that no rounding moves a reading into the next window.
/// </para>
/// <para>
/// A measurement that is null, absent or one of <see cref="Measurement.Missing"/> is NaN in <see cref="Reading.Values"/>; the probe is
/// disconnected. A message whose further members include no measurement, not even null, is rejected: its values have other names, and
/// the probe may well be connected.
/// </para>
/// </remarks>
public sealed class ReadingParser(MeasurementSet measurements, ReadingOptions options)
{
    /// <summary>The largest size of a message; a longer one is <see cref="RejectReason.TooLarge"/>.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>
    /// The largest depth of nested objects and arrays, the reading itself included; deeper text is <see cref="RejectReason.NotJson"/>.
    /// </summary>
    public const int MaxDepth = 64;

    private const int SensorIdMember = -1;
    private const int TimestampMember = -2;
    private const int UnknownMember = -3;
    private const long MillisAbove = 100_000_000_000;

    internal static readonly JsonReaderOptions Strict = new() { MaxDepth = MaxDepth };
    private readonly PlainReading _plain = new(measurements);

    public MeasurementSet Measurements => measurements;

    public AcceptedTimes AcceptedTimes { get; } = new(options);

    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, long, MessageSensor, out Reading)"/>
    public RejectReason Parse(ReadOnlySpan<byte> utf8, long now, out Reading reading) => Parse(utf8, now, null, out reading);

    /// <param name="utf8">
    /// The value of the message. The caller handles a null value, which is a <see cref="RejectReason.Tombstone"/>.
    /// </param>
    /// <param name="now">The wall clock, µs since the epoch, read once for a batch.</param>
    /// <param name="sensor">Knows numbers and keeps the name of the sensor; null: neither.</param>
    /// <param name="reading">The reading with offset −1; undefined if the message is rejected.</param>
    /// <returns><see cref="RejectReason.None"/> for a reading.</returns>
    public RejectReason Parse(ReadOnlySpan<byte> utf8, long now, MessageSensor? sensor, out Reading reading)
    {
        if (TryReadPlain(utf8, now, sensor, out reading))
        {
            return RejectReason.None;
        }

        return ParseAny(utf8, now, sensor, out reading);
    }

    /// <summary>
    /// Parses any form of JSON, more slowly. The result is that of
    /// <see cref="Parse(ReadOnlySpan{byte}, long, MessageSensor, out Reading)"/>.
    /// </summary>
    internal RejectReason ParseAny(ReadOnlySpan<byte> utf8, long now, MessageSensor? sensor, out Reading reading)
    {
        reading = default;
        if (utf8.Length > MaxBytes)
        {
            return RejectReason.TooLarge;
        }

        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8["\uFEFF"u8.Length..];
        }

        // Utf8JsonReader checks the bytes of a string only when the string is read.
        if (!Utf8.IsValid(utf8))
        {
            return RejectReason.NotJson;
        }

        try
        {
            return Parse(new Utf8JsonReader(utf8, Strict), now, sensor, ref reading);
        }
        catch (JsonException)
        {
            return RejectReason.NotJson;
        }
    }

    private bool TryReadPlain(ReadOnlySpan<byte> utf8, long now, MessageSensor? sensor, out Reading reading)
    {
        System.Runtime.CompilerServices.Unsafe.SkipInit(out reading);
        reading.Offset = -1;
        if (utf8.Length > MaxBytes || !_plain.TryRead(utf8, sensor, ref reading) || !AcceptedTimes.Contain(reading.Timestamp, now))
        {
            return false;
        }

        for (var i = 0; i < measurements.Count; i++)
        {
            var value = reading.Values[i];
            if (measurements.HasMissing && measurements[i].IsMissing(value))
            {
                reading.Values[i] = double.NaN;
            }
            else if (!measurements[i].Accepts(value) && !double.IsNaN(value))
            {
                return false;
            }
        }

        return true;
    }

    private RejectReason Parse(Utf8JsonReader reader, long now, MessageSensor? names, ref Reading reading)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            while (reader.Read())
            {
                // Text that is malformed further on is not JSON, so everything is read.
            }

            return RejectReason.NotAnObject;
        }

        var sensor = RejectReason.NoSensorId;
        var time = RejectReason.NoTimestamp;
        var badValues = 0; // one bit for each measurement: a later member of the same name can clear it
        var (hasMeasurement, hasOther) = (false, false);
        reading.Offset = -1;
        reading.Values = MeasurementValues.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = MemberOf(in reader);
            reader.Read();
            switch (member)
            {
                case UnknownMember:
                    hasOther = true;
                    break;
                case SensorIdMember:
                    sensor = TryReadSensor(in reader, names, out reading.SensorId) ? RejectReason.None : RejectReason.InvalidSensorId;
                    break;
                case TimestampMember:
                    time = ParseTimestamp(in reader, now, out reading.Timestamp);
                    break;
                default:
                    hasMeasurement = true;
                    var bad = !TryParseValue(in reader, measurements[member], out reading.Values[member]);
                    badValues = bad ? badValues | (1 << member) : badValues & ~(1 << member);
                    break;
            }

            reader.Skip();
        }

        reader.Read(); // nothing may follow the object
        return sensor != RejectReason.None ? sensor
            : time != RejectReason.None ? time
            : badValues != 0 ? RejectReason.InvalidValue
            : hasOther && !hasMeasurement ? RejectReason.NoMeasurement
            : RejectReason.None;
    }

    private int MemberOf(in Utf8JsonReader reader)
    {
        if (Is(in reader, "sensor_id"u8))
        {
            return SensorIdMember;
        }

        if (Is(in reader, "timestamp"u8))
        {
            return TimestampMember;
        }

        for (var i = 0; i < measurements.Count; i++)
        {
            if (Is(in reader, measurements.Utf8Name(i)))
            {
                return i;
            }
        }

        return UnknownMember;
    }

    internal static bool Is(in Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        reader.ValueIsEscaped ? EscapedName.Matches(reader.ValueSpan, name) : reader.ValueSpan.SequenceEqual(name);

    /// <param name="reader">At the value of <c>sensor_id</c>.</param>
    /// <inheritdoc cref="MessageSensor.TryTake"/>
    public static bool TryReadSensor(in Utf8JsonReader reader, MessageSensor? sensor, out int sensorId)
    {
        sensorId = SensorName.NoNumber;
        if (reader.TokenType == JsonTokenType.Number)
        {
            // −0 is the id 0.
            return (reader.TryGetInt32(out sensorId) && sensorId >= 0)
                || (!reader.ValueSpan.ContainsAny((byte)'.', (byte)'e', (byte)'E')
                    && MessageSensor.TryTake(sensor, reader.ValueSpan, out sensorId));
        }

        if (reader.TokenType != JsonTokenType.String || !reader.ValueIsEscaped)
        {
            return reader.TokenType == JsonTokenType.String && MessageSensor.TryTake(sensor, reader.ValueSpan, out sensorId);
        }

        Span<byte> text = stackalloc byte[SensorName.MaxBytes];
        return EscapedName.TryDecode(reader.ValueSpan, text, out var length) && MessageSensor.TryTake(sensor, text[..length], out sensorId);
    }

    private RejectReason ParseTimestamp(in Utf8JsonReader reader, long now, out long timestamp)
    {
        timestamp = 0;
        return reader.TokenType == JsonTokenType.Null ? RejectReason.NoTimestamp
            : reader.TokenType == JsonTokenType.Number
                && TryParseMoment(reader.ValueSpan, out timestamp)
                && AcceptedTimes.Contain(timestamp, now)
                ? RejectReason.None
                : RejectReason.InvalidTimestamp;
    }

    internal static bool TryParseMoment(ReadOnlySpan<byte> number, out long micros)
    {
        if (!DecimalText.TryScale(number, 3, out micros, out var exact))
        {
            return false;
        }

        var isMillis = micros > MillisAbove * 1000 || (micros == MillisAbove * 1000 && !exact);
        return isMillis || DecimalText.TryScale(number, 6, out micros, out _);
    }

    /// <param name="value">The text of a JSON value.</param>
    internal static bool IsValue(ReadOnlySpan<byte> value, Measurement measurement)
    {
        var reader = new Utf8JsonReader(value, Strict);
        reader.Read();
        return TryParseValue(in reader, measurement, out _);
    }

    private static bool TryParseValue(in Utf8JsonReader reader, Measurement measurement, out double value)
    {
        value = double.NaN;
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out value))
        {
            return reader.TokenType == JsonTokenType.Null;
        }

        value = measurement.IsMissing(value) ? double.NaN : value;
        return double.IsNaN(value) || measurement.Accepts(value);
    }
}
