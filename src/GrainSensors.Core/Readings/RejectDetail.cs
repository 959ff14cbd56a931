using System.Globalization;
using System.Text.Json;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;

namespace GrainSensors.Core.Readings;

/// <summary>Says what is wrong with a rejected message: which member, what it was, and what it must be.</summary>
/// <remarks>It reads the message once more. Only dead letters need the text, so parsing does not pay for it.</remarks>
public sealed class RejectDetail(ReadingParser parser)
{
    /// <summary>The length of a quoted value, in characters.</summary>
    private const int MaxQuote = 60;

    /// <summary>The number of measurements that a text lists.</summary>
    private const int MaxNames = 10;

    private readonly MeasurementSet _measurements = parser.Measurements;
    private readonly AcceptedTimes _times = parser.AcceptedTimes;

    /// <param name="now">The wall clock by which the message was rejected, µs since the epoch.</param>
    /// <returns>A clause without a full stop, safe to print.</returns>
    public string Of(ReadOnlySpan<byte> utf8, long now, RejectReason reason)
    {
        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8["\uFEFF"u8.Length..];
        }

        return reason switch
        {
            RejectReason.NotJson => NotJson(utf8),
            RejectReason.NotAnObject => $"the message must be a JSON object; got {Quote(utf8)}",
            RejectReason.NoSensorId => "sensor_id is missing",
            RejectReason.InvalidSensorId => Sensor(Member(utf8, "sensor_id"u8)),
            RejectReason.NoTimestamp => Member(utf8, "timestamp"u8).IsEmpty ? "timestamp is missing" : "timestamp is null",
            RejectReason.InvalidTimestamp => Timestamp(Member(utf8, "timestamp"u8), now),
            RejectReason.InvalidValue => Value(utf8),
            RejectReason.NoMeasurement => $"a member must be a measurement ({Names}{Others}); got {Members(utf8)}",
            RejectReason.TooLarge =>
                Text($"the message must have at most {ReadingParser.MaxBytes} bytes; got {utf8.Length}"),
            RejectReason.TooManySensors or RejectReason.UnknownSensor => OfNewSensor(utf8, reason),
            RejectReason.Tombstone => "the value of the message is null",
            RejectReason.Expired => $"the window of timestamp {Moment(Member(utf8, "timestamp"u8))} is older than the retention",
            _ => "",
        };
    }

    /// <param name="utf8">The message of a sensor whose name is valid.</param>
    public static string OfNewSensor(ReadOnlySpan<byte> utf8, RejectReason reason) =>
        OfNewSensor(Quote(Member(utf8.StartsWith("\uFEFF"u8) ? utf8["\uFEFF"u8.Length..] : utf8, "sensor_id"u8)), reason);

    /// <param name="name">The quoted name of the sensor.</param>
    public static string OfNewSensor(string name, RejectReason reason) =>
        reason == RejectReason.UnknownSensor
            ? $"sensor {name} is unknown, and SensorNames:Registration is closed"
            : $"sensor {name} is new, and a limit of new sensors is reached (SensorNames:MaxNew, SensorNames:Max)";

    private string Others => parser.Discovery.IsEnabled ? ", or another number" : "";

    private string Names => string.Join(", ", _measurements.All.Take(MaxNames).Select(measurement => measurement.Name))
        + (_measurements.Count > MaxNames ? Text($" and {_measurements.Count - MaxNames} more") : "");

    private static string NotJson(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, ReadingParser.Strict);
            while (reader.Read())
            {
                // Reads up to the error.
            }

            return "the message is not valid UTF-8";
        }
        catch (JsonException e)
        {
            return Text($"the message is not valid JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}");
        }
    }

    private static string Sensor(ReadOnlySpan<byte> value) => value[0] switch
    {
        (byte)'"' => Text(
            $"sensor_id must have 1 to {SensorName.MaxLength} characters, none of them a control or format character; ")
            + $"got {Quote(value)}",
        (byte)'-' or (>= (byte)'0' and <= (byte)'9') => $"sensor_id must be an integer without a point or an exponent; got {Quote(value)}",
        _ => $"sensor_id must be an integer or text; got {Quote(value)}",
    };

    private string Timestamp(ReadOnlySpan<byte> timestamp, long now)
    {
        var isNumber = timestamp[0] is (byte)'-' or (>= (byte)'0' and <= (byte)'9');
        if (!isNumber)
        {
            return $"timestamp must be a number of seconds or milliseconds since 1970; got {Quote(timestamp)}";
        }

        var isEarly = ReadingParser.TryParseMoment(timestamp, out var micros) ? micros < _times.First : timestamp[0] == '-';
        return OfTime(Moment(timestamp), isEarly, _times, now);
    }

    internal static string OfTime(string timestamp, bool isEarly, AcceptedTimes times, long now) => isEarly
        ? $"timestamp {timestamp} is too old; the earliest accepted time is {EpochTime.ToIso8601(times.First)}"
        : $"timestamp {timestamp} is ahead of the clock; the latest accepted time is {EpochTime.ToIso8601(times.LastAt(now))}";

    /// <returns>The number with its meaning, if it has one.</returns>
    private static string Moment(ReadOnlySpan<byte> timestamp) =>
        ReadingParser.TryParseMoment(timestamp, out var micros) && micros is >= EpochTime.Min and < EpochTime.Max
            ? $"{Quote(timestamp)} ({EpochTime.ToIso8601(micros)})"
            : Quote(timestamp);

    private string Value(ReadOnlySpan<byte> utf8)
    {
        for (var i = 0; i < _measurements.Count; i++)
        {
            var measurement = _measurements[i];
            var value = Member(utf8, _measurements.Utf8Name(i));
            if (!value.IsEmpty && !ReadingParser.IsValue(value, measurement))
            {
                var name = PrintableText.Escape(measurement.Name);
                return $"{name} must be a number {measurement.RangeText}; got {Quote(value)}";
            }
        }

        return "";
    }

    /// <returns>The names of the members besides sensor and timestamp.</returns>
    private static string Members(ReadOnlySpan<byte> utf8)
    {
        var names = new List<string>();
        var reader = new Utf8JsonReader(utf8, ReadingParser.Strict);
        for (reader.Read(); reader.Read() && reader.TokenType == JsonTokenType.PropertyName && names.Count <= MaxQuote; reader.Skip())
        {
            if (!ReadingParser.Is(in reader, "sensor_id"u8) && !ReadingParser.Is(in reader, "timestamp"u8))
            {
                names.Add(PrintableText.Preview(reader.ValueSpan, MaxQuote));
            }

            reader.Read();
        }

        var all = string.Join(", ", names);
        return all.Length <= MaxQuote ? all : $"{all[..(MaxQuote - 1)]}…";
    }

    /// <returns>The text of the last member of this name; empty without such a member.</returns>
    private static ReadOnlySpan<byte> Member(ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> found = default;
        var reader = new Utf8JsonReader(utf8, ReadingParser.Strict);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isFound = ReadingParser.Is(in reader, name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isFound)
            {
                found = utf8[start..(int)reader.BytesConsumed];
            }
        }

        return found;
    }

    private static string Quote(ReadOnlySpan<byte> utf8) => PrintableText.Preview(utf8, MaxQuote);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
