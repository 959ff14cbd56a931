using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation.Parsing;

/// <summary>
/// Parses the JSON contract of the readings topic. The parser is written from the contract and shares no code with the
/// stream's parser, so both do not make the same mistake.
/// </summary>
/// <remarks>
/// Timestamps ahead of the clock are accepted: whether the stream rejects one depends on the time at which it was read.
/// </remarks>
internal sealed class ContractParser(
    IReadOnlyList<Measurement> measurements, long earliest, IReadOnlyList<string> discovered,
    int maxDiscovered = DiscoveryRules.DefaultPerReading)
    : IDeserializer<ParsedMessage>
{
    private const int MaxBytes = 65_536;
    private const int MaxDepth = 64;

    /// <summary>A greater number is no value of a measurement that is not declared.</summary>
    private const double MaxOther = 1e100;

    private const string InvalidValue = "a value that is invalid or out of range";

    /// <summary>Stands for a value that is not a number, or out of range.</summary>
    private const double Implausible = double.NegativeInfinity;

    private const int SensorId = -2;
    private const int Timestamp = -1;
    private const int Unknown = -3;

    private readonly byte[][] _names =
    [
        .. measurements.Select(measurement => measurement.Name).Concat(discovered).Select(Encoding.UTF8.GetBytes),
    ];

    public ContractParser(ReconciliationRequest request)
        : this(request.Measurements, request.Earliest, [.. request.Discovered.Select(found => found.Name)], request.MaxDiscovered)
    {
    }

    public ParsedMessage Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => Parse(data, isNull);

    public ParsedMessage Parse(ReadOnlySpan<byte> bytes, bool isNull)
    {
        if (isNull)
        {
            return ParsedMessage.Rejected("no value", bytes);
        }

        if (bytes.Length > MaxBytes)
        {
            return ParsedMessage.Rejected("longer than 64 KiB", bytes);
        }

        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        var text = bytes.StartsWith(byteOrderMark) ? bytes[3..] : bytes;
        if (!Utf8.IsValid(text))
        {
            return ParsedMessage.Rejected("not UTF-8", bytes);
        }

        try
        {
            var others = new List<MeasuredValue>();
            var fault = Read(text, out var sensor, out var time, out var values, others);
            return fault is not null ? ParsedMessage.Rejected(fault, bytes)
                : new(sensor.Id, time, values, null, 0)
                {
                    Name = sensor.Name,
                    IsOfLaterForm = sensor.IsOfLaterForm,
                    Others = others.FindAll(other => !double.IsNaN(other.Value)),
                };
        }
        catch (JsonException)
        {
            return ParsedMessage.Rejected("not JSON", bytes);
        }
    }

    private string? Read(
        ReadOnlySpan<byte> text, out Sensor sensor, out long time, out MeasurementValues values, List<MeasuredValue> others)
    {
        var json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = MaxDepth });
        (sensor, time, values) = (default, 0, MeasurementValues.None);
        var declared = new double[measurements.Count];
        Array.Fill(declared, double.NaN);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            ReadToEnd(ref json);
            return "not an object";
        }

        string? sensorFault = "no sensor_id", timeFault = "no timestamp";
        var (isMeasured, isOther) = (false, false);
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            var name = Name(ref json);
            json.Read();
            switch (name)
            {
                case SensorId:
                    sensorFault = ReadSensorId(ref json, out sensor);
                    break;
                case Timestamp:
                    timeFault = ReadTimestamp(ref json, out time);
                    break;
                case var other when other == Unknown || other >= measurements.Count:
                    var isOne = other != Unknown && TakeOther(ref json, other - measurements.Count, others);
                    (isMeasured, isOther) = (isMeasured || isOne, isOther || !isOne);
                    break;
                default:
                    isMeasured = true;
                    declared[name] = TryReadValue(ref json, measurements[name], out var value) ? value : Implausible;
                    break;
            }

            if (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                json.Skip();
            }
        }

        ReadToEnd(ref json);
        values = MeasurementValues.Of(declared);
        return sensorFault ?? timeFault
            ?? (declared.Contains(Implausible) ? InvalidValue : isOther && !isMeasured ? ParsedMessage.NoMeasurement : null);
    }

    /// <summary>Reads what follows, because invalid JSON at the end makes the whole message invalid.</summary>
    /// <exception cref="JsonException">The rest is not JSON, or something follows the first value.</exception>
    private static void ReadToEnd(ref Utf8JsonReader json)
    {
        while (json.Read())
        {
        }
    }

    private static string? ReadSensorId(ref Utf8JsonReader json, out Sensor sensor)
    {
        sensor = default;
        if (json.TokenType == JsonTokenType.Number && json.TryGetInt32(out var id) && id >= 0)
        {
            sensor = new(id, null, false);
            return null;
        }

        string? text;
        try
        {
            text = json.TokenType switch
            {
                JsonTokenType.String => json.GetString(),
                JsonTokenType.Number when !json.ValueSpan.ContainsAny(".eE"u8) => Encoding.UTF8.GetString(json.ValueSpan),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            return "invalid sensor_id"; // half a surrogate pair
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id)
            && id.ToString(CultureInfo.InvariantCulture) == text)
        {
            sensor = new(id, null, true);
            return null;
        }

        // The normal form of text follows from tables, which both parsers have from Unicode.
        if (text is null || !SensorName.TryParse(Encoding.UTF8.GetBytes(text), out var name))
        {
            return "invalid sensor_id";
        }

        sensor = new(SensorName.NoNumber, name, true);
        return null;
    }

    private string? ReadTimestamp(ref Utf8JsonReader json, out long time)
    {
        time = 0;
        return json.TokenType == JsonTokenType.Null ? "no timestamp"
            : json.TokenType == JsonTokenType.Number && ExactTime.TryMicros(json.ValueSpan, out time) && time >= earliest ? null
            : "invalid timestamp";
    }

    /// <summary>Takes the value of a measurement that is not declared, in place of one that the message has given before.</summary>
    /// <returns>Whether the member is one: a number that is not huge, a boolean or null.</returns>
    private bool TakeOther(ref Utf8JsonReader json, int index, List<MeasuredValue> others)
    {
        var value = json.TokenType switch
        {
            JsonTokenType.True => 1,
            JsonTokenType.False => 0,
            JsonTokenType.Number when json.TryGetDouble(out var number) && Math.Abs(number) <= MaxOther => number,
            _ => double.NaN,
        };
        var place = others.FindIndex(other => other.Measurement == index);
        if (place >= 0)
        {
            others[place] = new(index, value);
        }
        else if (!double.IsNaN(value) && others.Count < maxDiscovered)
        {
            others.Add(new(index, value));
        }

        return !double.IsNaN(value) || json.TokenType == JsonTokenType.Null;
    }

    /// <param name="value">The value in the unit that is kept; NaN for null and for a number that means no value.</param>
    private static bool TryReadValue(ref Utf8JsonReader json, Measurement measurement, out double value)
    {
        value = double.NaN;
        if (json.TokenType != JsonTokenType.Number || !json.TryGetDouble(out value))
        {
            return json.TokenType == JsonTokenType.Null;
        }

        if (measurement.Missing.Contains(value))
        {
            value = double.NaN;
            return true;
        }

        if (measurement.Conversion is { Factor: var factor, Offset: var offset })
        {
            value = (value * factor) + offset;
        }

        return measurement.Min <= value && value <= measurement.Max;
    }

    /// <returns><see cref="SensorId"/>, <see cref="Timestamp"/>, the index of a measurement, or <see cref="Unknown"/>.</returns>
    private int Name(ref Utf8JsonReader json)
    {
        var name = json.ValueSpan;
        if (json.ValueIsEscaped)
        {
            try
            {
                name = Encoding.UTF8.GetBytes(json.GetString()!);
            }
            catch (InvalidOperationException)
            {
                return Unknown; // half a surrogate pair is well-formed JSON and names no known member
            }
        }

        return name.SequenceEqual("sensor_id"u8) ? SensorId
            : name.SequenceEqual("timestamp"u8) ? Timestamp
            : MeasurementIndex(name);
    }

    private int MeasurementIndex(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _names.Length; i++)
        {
            if (name.SequenceEqual(_names[i]))
            {
                return i;
            }
        }

        return Unknown;
    }

    private readonly record struct Sensor(int Id, string? Name, bool IsOfLaterForm);
}
