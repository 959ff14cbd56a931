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

    private const int SensorId = -2;
    private const int Timestamp = -1;

    private readonly ReadingValues.Rules _rules = new(measurements, discovered, maxDiscovered);

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
            var values = _rules.Begin();
            var fault = Read(text, values, out var sensor, out var time);
            return fault is not null ? ParsedMessage.Rejected(fault, bytes)
                : new(sensor.Id, time, values.Declared, null, 0)
                {
                    Name = sensor.Name,
                    IsOfLaterForm = sensor.IsOfLaterForm,
                    Others = values.Others,
                };
        }
        catch (JsonException)
        {
            return ParsedMessage.Rejected("not JSON", bytes);
        }
    }

    private string? Read(ReadOnlySpan<byte> text, ReadingValues values, out MessageSensorRef sensor, out long time)
    {
        var json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = MaxDepth });
        (sensor, time) = (default, 0);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            ReadToEnd(ref json);
            return "not an object";
        }

        string? sensorFault = "no sensor_id", timeFault = "no timestamp";
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            var name = Name(ref json, values);
            json.Read();
            switch (name)
            {
                case SensorId:
                    sensorFault = ReadSensorId(ref json, out sensor);
                    break;
                case Timestamp:
                    timeFault = ReadTimestamp(ref json, out time);
                    break;
                case var other when !values.IsDeclared(other):
                    values.Add(other, OtherNumber(ref json));
                    break;
                default:
                    values.Declare(name, Number(ref json));
                    break;
            }

            if (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                json.Skip();
            }
        }

        ReadToEnd(ref json);
        return sensorFault ?? timeFault ?? values.Fault;
    }

    /// <summary>Reads what follows, because invalid JSON at the end makes the whole message invalid.</summary>
    /// <exception cref="JsonException">The rest is not JSON, or something follows the first value.</exception>
    private static void ReadToEnd(ref Utf8JsonReader json)
    {
        while (json.Read())
        {
        }
    }

    private static string? ReadSensorId(ref Utf8JsonReader json, out MessageSensorRef sensor)
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

        return MessageSensorRef.TryParse(text, out sensor) ? null : "invalid sensor_id";
    }

    private string? ReadTimestamp(ref Utf8JsonReader json, out long time)
    {
        time = 0;
        return json.TokenType == JsonTokenType.Null ? "no timestamp"
            : json.TokenType == JsonTokenType.Number && ExactTime.TryMicros(json.ValueSpan, out time) && time >= earliest ? null
            : "invalid timestamp";
    }

    /// <returns>NaN for null; null for anything else that is not a number.</returns>
    private static double? Number(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.Number && json.TryGetDouble(out var value) ? value
        : json.TokenType == JsonTokenType.Null ? double.NaN
        : null;

    /// <inheritdoc cref="Number"/>
    private static double? OtherNumber(ref Utf8JsonReader json) => json.TokenType switch
    {
        JsonTokenType.True => 1,
        JsonTokenType.False => 0,
        _ => Number(ref json),
    };

    /// <returns><see cref="SensorId"/>, <see cref="Timestamp"/>, or <see cref="ReadingValues.IndexOf"/>.</returns>
    private static int Name(ref Utf8JsonReader json, ReadingValues values)
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
                return ReadingValues.Unknown; // half a surrogate pair is well-formed JSON and names no known member
            }
        }

        return name.SequenceEqual("sensor_id"u8) ? SensorId
            : name.SequenceEqual("timestamp"u8) ? Timestamp
            : values.IndexOf(name);
    }
}
