using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Confluent.Kafka;
using GrainSensors.Core.Readings;

namespace GrainSensors.Reconciliation.Local;

/// <summary>
/// Reads the contract JSON of the readings' topic: written anew from the contract, so that a mistake of the stream's parser
/// is not made here a second time.
/// </summary>
/// <remarks>
/// Whether a reading is too far ahead of the clock is not judged: that depends on the moment at which it was read.
/// </remarks>
internal sealed class ContractParser(IReadOnlyList<Measurement> measurements, long earliest) : IDeserializer<ParsedMessage>
{
    private const int MaxBytes = 65_536;
    private const int MaxDepth = 64;

    /// <summary>Above this a timestamp is in milliseconds.</summary>
    private const decimal MaxSeconds = 100_000_000_000m;

    /// <summary>So many characters fit into a decimal without rounding, sign and point included.</summary>
    private const int ExactLength = 20;

    private readonly byte[][] _names = [.. measurements.Select(measurement => Encoding.UTF8.GetBytes(measurement.Name))];

    public ParsedMessage Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => Parse(data, isNull);

    public ParsedMessage Parse(ReadOnlySpan<byte> bytes, bool isNull)
    {
        if (isNull)
        {
            return ParsedMessage.Rejected("it has no value", bytes);
        }

        if (bytes.Length > MaxBytes)
        {
            return ParsedMessage.Rejected("it is longer than 64 KiB", bytes);
        }

        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        var text = bytes.StartsWith(byteOrderMark) ? bytes[3..] : bytes;
        if (!Utf8.IsValid(text))
        {
            return ParsedMessage.Rejected("it is not UTF-8", bytes);
        }

        try
        {
            var fault = Read(text, out var sensor, out var time, out var values);
            return fault is null ? new(sensor, time, values, null, 0) : ParsedMessage.Rejected(fault, bytes);
        }
        catch (JsonException)
        {
            return ParsedMessage.Rejected("it is not JSON", bytes);
        }
    }

    private string? Read(ReadOnlySpan<byte> text, out int sensor, out long time, out MeasurementValues values)
    {
        var json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = MaxDepth });
        string? sensorFault = "it has no sensor_id", timeFault = "it has no timestamp";
        var badValues = 0;
        (sensor, time, values) = (0, 0, MeasurementValues.None);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            while (json.Read())
            {
                // What breaks off later is no JSON at all.
            }

            return "it is not an object";
        }

        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            var name = Name(ref json);
            json.Read();
            switch (name)
            {
                case -2:
                    sensorFault = json.TokenType == JsonTokenType.Number && json.TryGetInt32(out sensor) && sensor >= 0 ? null : "its sensor_id is none";
                    break;
                case -1:
                    timeFault = json.TokenType == JsonTokenType.Null ? "it has no timestamp"
                        : json.TokenType == JsonTokenType.Number && TryMicros(json.ValueSpan, out time) && time >= earliest ? null
                        : "its timestamp is none";
                    break;
                case >= 0:
                    var value = double.NaN;
                    var good = json.TokenType == JsonTokenType.Null
                        || (json.TokenType == JsonTokenType.Number && json.TryGetDouble(out value) && measurements[name].Min <= value && value <= measurements[name].Max);
                    values[name] = value;
                    badValues = good ? badValues & ~(1 << name) : badValues | (1 << name);
                    break;
            }

            if (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                json.Skip();
            }
        }

        while (json.Read())
        {
            // Nothing may follow the object; the reader throws where something does.
        }

        return sensorFault ?? timeFault ?? (badValues != 0 ? "one of its values cannot be true" : null);
    }

    /// <returns>−2: sensor_id, −1: timestamp, from 0: the measurement of that index, −3: something else.</returns>
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
                return -3; // half a surrogate pair: well-formed, and none of ours
            }
        }

        return name.SequenceEqual("sensor_id"u8) ? -2
            : name.SequenceEqual("timestamp"u8) ? -1
            : Measurement(name);
    }

    private int Measurement(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _names.Length; i++)
        {
            if (name.SequenceEqual(_names[i]))
            {
                return i;
            }
        }

        return -3;
    }

    /// <summary>The number exactly as it is written, cut to the microsecond below.</summary>
    private static bool TryMicros(ReadOnlySpan<byte> number, out long micros)
    {
        micros = 0;
        if (number.Length <= ExactLength && !number.ContainsAny((byte)'e', (byte)'E'))
        {
            var value = decimal.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
            var scaled = decimal.Floor(value * (value > MaxSeconds ? 1_000m : 1_000_000m));
            if (scaled is < long.MinValue or > long.MaxValue)
            {
                return false;
            }

            micros = (long)scaled;
            return true;
        }

        return TryMicrosOfLong(Encoding.UTF8.GetString(number), out micros);
    }

    /// <summary>Of a number with an exponent or more digits than a decimal has: digits · 10^exponent, without rounding.</summary>
    private static bool TryMicrosOfLong(string number, out long micros)
    {
        micros = 0;
        var parts = number.Split('e', 'E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var digits = BigInteger.Parse(parts[0].Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        if (digits.IsZero)
        {
            return true;
        }

        // Beyond this the number is 0 or −1 µs, or greater than any.
        var written = parts.Length == 1 ? 0 : BigInteger.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var exponent = (int)BigInteger.Max(BigInteger.Min(written, MaxBytes), -2 * MaxBytes) - (point < 0 ? 0 : parts[0].Length - point - 1);
        var isMillis = Compare(digits, exponent, (BigInteger)MaxSeconds) > 0;
        var power = exponent + (isMillis ? 3 : 6);
        var result = power >= 0 ? digits * BigInteger.Pow(10, power) : Floor(digits, BigInteger.Pow(10, -power));
        if (result < long.MinValue || result > long.MaxValue)
        {
            return false;
        }

        micros = (long)result;
        return true;
    }

    private static int Compare(BigInteger digits, int exponent, BigInteger other) => exponent >= 0
        ? (digits * BigInteger.Pow(10, exponent)).CompareTo(other)
        : digits.CompareTo(other * BigInteger.Pow(10, -exponent));

    private static BigInteger Floor(BigInteger dividend, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(dividend, divisor, out var rest);
        return rest.Sign < 0 ? quotient - 1 : quotient;
    }
}
