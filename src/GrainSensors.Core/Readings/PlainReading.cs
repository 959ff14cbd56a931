namespace GrainSensors.Core.Readings;

/// <summary>
/// Reads the form that nearly every reading has: one flat object of known members, each once, without escapes. Numbers are plain
/// decimals, and spaces occur only where Python's <c>json.dumps</c> puts them, after commas and colons.
/// </summary>
/// <remarks>
/// It is about four times as fast as a general token reader. A result is always the one of <see cref="ReadingParser"/>; text of
/// any other form, invalid readings included, is left to that.
/// </remarks>
internal static class PlainReading
{
    private const long MillisAbove = 100_000_000_000;

    /// <summary>
    /// The most digits of a mantissa that a double holds exactly (10^15 &lt; 2^53), so that one division rounds correctly.
    /// </summary>
    private const int ExactDigits = 15;

    private static readonly long[] PowersOfTen = [.. Enumerable.Range(0, 19).Select(n => (long)Math.Pow(10, n))];

    /// <param name="maxDiscovered">The most values of a reading that has measurements which are not declared.</param>
    /// <param name="values">Takes the values, validated. Undefined if the result is false.</param>
    /// <param name="reading">Sensor and timestamp, not validated. Undefined if the result is false.</param>
    /// <returns>False if the text has another form.</returns>
    public static bool TryRead(
        ReadOnlySpan<byte> utf8, MeasurementTable measurements, int maxDiscovered, MessageSensor? sensor, MessageValues values,
        ref BatchedReading reading)
    {
        if (utf8.IsEmpty || utf8[0] != '{')
        {
            return false;
        }

        values.Clear();
        var seen = 0;
        var rest = utf8[1..];
        while (true)
        {
            var member = 0;
            bool read;
            if (StartsWith(ref rest, "\"sensor_id\""u8))
            {
                member = 1;
                read = TryReadSensor(ref rest, sensor, out reading.SensorId);
            }
            else if (StartsWith(ref rest, "\"timestamp\""u8))
            {
                member = 2;
                read = TryReadMoment(ref rest, out reading.Timestamp);
            }
            else
            {
                read = TryTakeMeasurement(ref rest, measurements, values.Hint, out var measurement)
                    && TryReadValue(ref rest, measurement.IsDeclared, out var value)
                    && TryAdd(values, measurement, value, maxDiscovered);
            }

            if (!read || (seen & member) != 0 || rest.IsEmpty)
            {
                return false;
            }

            seen |= member;
            if (rest[0] == '}')
            {
                return rest.Length == 1 && seen == 3;
            }

            if (rest[0] != ',')
            {
                return false;
            }

            rest = AfterSpace(rest[1..]);
        }
    }

    private static bool TryTakeMeasurement(
        ref ReadOnlySpan<byte> rest, MeasurementTable measurements, int hint, out KnownMeasurement measurement)
    {
        measurement = measurements.All[hint];
        if (rest.IsEmpty || rest[0] != '"')
        {
            return false;
        }

        var name = rest[1..];
        if (measurement.IsTaken && measurement.QuotedName.Length > 0 && name.StartsWith(measurement.QuotedName))
        {
            rest = name[measurement.QuotedName.Length..];
            return true;
        }

        var length = name.IndexOfAny((byte)'"', (byte)'\\');
        if (length < 0 || name[length] != '"' || measurements.Find(name[..length]) is not { IsTaken: true } found)
        {
            return false;
        }

        rest = name[(length + 1)..];
        measurement = found;
        return true;
    }

    private static bool TryAdd(MessageValues values, KnownMeasurement known, double sent, int maxDiscovered)
    {
        var measurement = known.Measurement;
        if (double.IsNaN(sent) || (!measurement.Missing.IsEmpty && measurement.IsMissing(sent)))
        {
            return !values.Has(known.Number);
        }

        var kept = measurement.Keep(sent);
        return measurement.Accepts(kept)
            && (known.IsDeclared || values.Count < maxDiscovered)
            && values.TryAdd(known.Number, kept);
    }

    private static bool TryReadSensor(ref ReadOnlySpan<byte> rest, MessageSensor? sensor, out int sensorId)
    {
        sensorId = 0;
        var value = rest;
        if (StartsWith(ref value, ":\""u8) || StartsWith(ref value, ": \""u8))
        {
            var length = value.IndexOfAny((byte)'"', (byte)'\\');
            if (length < 0 || value[length] != '"')
            {
                return false;
            }

            rest = value[(length + 1)..];
            return MessageSensor.TryTake(sensor, value[..length], out sensorId);
        }

        if (!TryReadNumber(ref rest, out var number) || number.HasPoint)
        {
            return false;
        }

        if (!number.IsNegative && number.Mantissa <= int.MaxValue)
        {
            sensorId = (int)number.Mantissa;
            return true;
        }

        value = AfterSpace(value[1..]);
        return number.Mantissa != 0 && MessageSensor.TryTake(sensor, value[..^rest.Length], out sensorId);
    }

    private static bool TryReadMoment(ref ReadOnlySpan<byte> rest, out long micros)
    {
        micros = 0;
        if (!TryReadNumber(ref rest, out var number) || number.IsNegative || number.Digits - number.Decimals > ExactDigits)
        {
            return false;
        }

        // A timestamp is in seconds up to 10¹¹, else in milliseconds. It is cut to the microsecond below.
        var isMillis = number.Mantissa / PowersOfTen[number.Decimals] is var whole
            && (whole > MillisAbove || (whole == MillisAbove && number.Mantissa % PowersOfTen[number.Decimals] != 0));
        var power = (isMillis ? 3 : 6) - number.Decimals;
        micros = power >= 0 ? number.Mantissa * PowersOfTen[power] : number.Mantissa / PowersOfTen[-power];
        return true;
    }

    private static bool TryReadValue(ref ReadOnlySpan<byte> rest, bool isDeclared, out double value)
    {
        value = double.NaN;
        var after = rest;
        if (StartsWith(ref after, ":null"u8) || StartsWith(ref after, ": null"u8))
        {
            rest = after;
            return true;
        }

        if (!isDeclared && TryReadBoolean(ref rest, out value))
        {
            return true;
        }

        if (!TryReadNumber(ref rest, out var number) || number.Digits > ExactDigits)
        {
            return false;
        }

        value = (double)number.Mantissa / PowersOfTen[number.Decimals];
        value = number.IsNegative ? -value : value;
        return true;
    }

    private static bool TryReadBoolean(ref ReadOnlySpan<byte> rest, out double value)
    {
        value = 1;
        if (StartsWith(ref rest, ":true"u8) || StartsWith(ref rest, ": true"u8))
        {
            return true;
        }

        value = 0;
        return StartsWith(ref rest, ":false"u8) || StartsWith(ref rest, ": false"u8);
    }

    /// <summary>Reads a colon and a number of at most 18 digits without an exponent.</summary>
    private static bool TryReadNumber(ref ReadOnlySpan<byte> rest, out Number number)
    {
        number = default;
        if (rest.IsEmpty || rest[0] != ':')
        {
            return false;
        }

        rest = AfterSpace(rest[1..]);
        var negative = !rest.IsEmpty && rest[0] == '-';
        var start = negative ? 1 : 0;
        var (mantissa, at, point) = (0L, start, -1);
        for (; at < rest.Length; at++)
        {
            var digit = (uint)(rest[at] - '0');
            if (digit <= 9)
            {
                mantissa = (mantissa * 10) + digit;
            }
            else if (rest[at] == '.' && point < 0)
            {
                point = at;
            }
            else
            {
                break;
            }

            if (at - start > 18)
            {
                return false;
            }
        }

        var digits = at - start - (point < 0 ? 0 : 1);
        var decimals = point < 0 ? 0 : at - point - 1;
        var whole = digits - decimals;
        if (whole == 0 || (whole > 1 && rest[start] == '0') || (point >= 0 && decimals == 0) || digits > 18)
        {
            return false;
        }

        // An exponent or any other invalid end of a number fails in the caller, which expects a comma or a brace.
        number = new(mantissa, digits, decimals, point >= 0, negative);
        rest = rest[at..];
        return true;
    }

    private static bool StartsWith(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> text)
    {
        if (!rest.StartsWith(text))
        {
            return false;
        }

        rest = rest[text.Length..];
        return true;
    }

    private static ReadOnlySpan<byte> AfterSpace(ReadOnlySpan<byte> rest) => !rest.IsEmpty && rest[0] == ' ' ? rest[1..] : rest;

    /// <summary>The number ±Mantissa / 10^Decimals, with the digits of its text.</summary>
    private readonly record struct Number(long Mantissa, int Digits, int Decimals, bool HasPoint, bool IsNegative);
}
