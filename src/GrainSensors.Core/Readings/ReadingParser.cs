using System.Text.Json;
using System.Text.Unicode;

namespace GrainSensors.Core.Readings;

/// <summary>Parses the contract JSON of <c>sensor-data</c>. It never throws, and allocates for new measurements only.</summary>
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
/// A declared measurement that is null, absent or one of <see cref="Measurement.Missing"/> has no value; the probe is disconnected.
/// Another member is a measurement if <see cref="DiscoveryRules"/> cover its name and it has a number, a boolean or null. A message whose
/// further members include no measurement is rejected: its values have other names, and the probe may well be connected.
/// </para>
/// </remarks>
public sealed class ReadingParser(MeasurementCatalog catalog, ReadingOptions options)
{
    /// <summary>The largest size of a message; a longer one is <see cref="RejectReason.TooLarge"/>.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>
    /// The largest depth of nested objects and arrays, the reading itself included; deeper text is <see cref="RejectReason.NotJson"/>.
    /// </summary>
    public const int MaxDepth = 64;

    private const long MillisAbove = 100_000_000_000;

    internal static readonly JsonReaderOptions Strict = new() { MaxDepth = MaxDepth };

    /// <summary>Declared measurements always have room.</summary>
    private readonly int _maxDiscovered = catalog.Discovery.MostBeside(catalog.Declared);

    public ReadingParser(MeasurementSet measurements, ReadingOptions options)
        : this(new MeasurementCatalog(measurements), options)
    {
    }

    public MeasurementCatalog Catalog => catalog;

    public MeasurementSet Measurements => catalog.Declared;

    public DiscoveryRules Discovery => catalog.Discovery;

    public AcceptedTimes AcceptedTimes { get; } = new(options);

    /// <summary>Parses one message.</summary>
    /// <param name="reading">The reading with offset −1; undefined if the message is rejected.</param>
    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, long, MessageSensor, MessageValues, out BatchedReading)"/>
    public RejectReason Parse(ReadOnlySpan<byte> utf8, long now, out Reading reading) => Parse(utf8, now, null, out reading);

    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, long, out Reading)"/>
    public RejectReason Parse(ReadOnlySpan<byte> utf8, long now, MessageSensor? sensor, out Reading reading)
    {
        var values = new MessageValues();
        var reason = Parse(utf8, now, sensor, values, out var parsed);
        reading = Reading.Of(parsed, values.All);
        return reason;
    }

    /// <param name="utf8">
    /// The value of the message. The caller handles a null value, which is a <see cref="RejectReason.Tombstone"/>.
    /// </param>
    /// <param name="now">The wall clock, µs since the epoch, read once for a batch.</param>
    /// <param name="sensor">Knows numbers and keeps the name of the sensor; null: neither.</param>
    /// <param name="values">Receives the values; undefined if the message is rejected.</param>
    /// <param name="reading">The reading with offset −1 and without its values; undefined if the message is rejected.</param>
    /// <returns><see cref="RejectReason.None"/> for a reading.</returns>
    public RejectReason Parse(ReadOnlySpan<byte> utf8, long now, MessageSensor? sensor, MessageValues values, out BatchedReading reading)
    {
        ArgumentNullException.ThrowIfNull(values);
        reading = new() { Offset = -1 };
        return utf8.Length <= MaxBytes
            && PlainReading.TryRead(utf8, catalog.Table, _maxDiscovered, sensor, values, ref reading)
            && AcceptedTimes.Contain(reading.Timestamp, now)
                ? RejectReason.None
                : ParseAny(utf8, now, sensor, values, out reading);
    }

    /// <summary>
    /// Parses any form of JSON, more slowly. The result is that of
    /// <see cref="Parse(ReadOnlySpan{byte}, long, MessageSensor, MessageValues, out BatchedReading)"/>.
    /// </summary>
    internal RejectReason ParseAny(
        ReadOnlySpan<byte> utf8, long now, MessageSensor? sensor, MessageValues values, out BatchedReading reading)
    {
        reading = new() { Offset = -1 };
        values.Clear();
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
            return Parse(new Utf8JsonReader(utf8, Strict), now, sensor, values, ref reading);
        }
        catch (JsonException)
        {
            return RejectReason.NotJson;
        }
    }

    private RejectReason Parse(
        Utf8JsonReader reader, long now, MessageSensor? names, MessageValues values, ref BatchedReading reading)
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
        var (hasMeasurement, hasOther) = (false, false);
        Span<byte> buffer = stackalloc byte[SensorName.MaxBytes];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = NameOf(in reader, buffer);
            reader.Read();
            if (name.SequenceEqual("sensor_id"u8))
            {
                sensor = TryReadSensor(in reader, names, out reading.SensorId) ? RejectReason.None : RejectReason.InvalidSensorId;
            }
            else if (name.SequenceEqual("timestamp"u8))
            {
                time = ParseTimestamp(in reader, now, out reading.Timestamp);
            }
            else if (TryTake(in reader, name, values))
            {
                hasMeasurement = true;
            }
            else
            {
                hasOther = true;
            }

            reader.Skip();
        }

        reader.Read(); // nothing may follow the object
        var reason = sensor != RejectReason.None ? sensor
            : time != RejectReason.None ? time
            : !values.TryComplete() ? RejectReason.InvalidValue
            : hasOther && !hasMeasurement ? RejectReason.NoMeasurement
            : RejectReason.None;
        values.Propose(reason == RejectReason.None ? catalog : null);
        return reason;
    }

    /// <param name="buffer">Receives a name that has escapes.</param>
    /// <returns>The name of a member without escapes. Empty if it is none: half a surrogate pair, or too long.</returns>
    private static ReadOnlySpan<byte> NameOf(in Utf8JsonReader reader, Span<byte> buffer) => !reader.ValueIsEscaped ? reader.ValueSpan
        : EscapedName.TryDecode(reader.ValueSpan, buffer, out var length) ? buffer[..length]
        : [];

    /// <param name="reader">At the value of the member.</param>
    /// <returns>Whether the member is a measurement.</returns>
    private bool TryTake(in Utf8JsonReader reader, ReadOnlySpan<byte> name, MessageValues values)
    {
        var known = catalog.Table.Find(name);
        if (known is { IsDeclared: true })
        {
            values.Set(known.Number, ParseValue(in reader, known.Measurement, out var isValid), isValid);
            return true;
        }

        if (!DiscoveredValue.TryRead(in reader, out var value))
        {
            values.Unset(known, name);
            return false;
        }

        return ValueRules.TryTakeOther(catalog, known, name, value, _maxDiscovered, values);
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
        ParseValue(in reader, measurement, out var isValid);
        return isValid;
    }

    /// <returns>The value as it is kept; NaN if there is none.</returns>
    private static double ParseValue(in Utf8JsonReader reader, Measurement measurement, out bool isValid)
    {
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out var value))
        {
            isValid = reader.TokenType == JsonTokenType.Null;
            return double.NaN;
        }

        return ValueRules.Judge(value, measurement, out isValid);
    }
}
