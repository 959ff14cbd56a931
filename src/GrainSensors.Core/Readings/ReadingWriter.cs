using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GrainSensors.Core.Time;

namespace GrainSensors.Core.Readings;

/// <summary>
/// Writes the contract JSON of <c>sensor-data</c> without allocation. <see cref="ReadingParser"/> reads back exactly the same reading.
/// </summary>
/// <remarks>
/// An absent primary measurement, by default the temperature, is written as null: it reports a disconnected probe. Other absent
/// measurements are omitted. A timestamp is written in seconds with up to six decimals.
/// </remarks>
public sealed class ReadingWriter
{
    /// <summary>The greatest length of the shortest text of a double: <c>-2.2250738585072014E-308</c>.</summary>
    private const int MaxNumberLength = 24;

    /// <summary>10¹¹ s in µs; a larger number of seconds would be read as milliseconds.</summary>
    private const long SecondsUpTo = 100_000_000_000 * EpochTime.MicrosPerSecond;

    private readonly byte[][] _prefixes;
    private readonly int _primary;

    public ReadingWriter(MeasurementSet measurements)
    {
        ArgumentNullException.ThrowIfNull(measurements);
        _prefixes =
        [
            .. measurements.All.Select(m =>
                Encoding.UTF8.GetBytes($",\"{JsonEncodedText.Encode(m.Name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\":")),
        ];
        _primary = measurements.Primary;
        MaxLength = "{\"sensor_id\":,\"timestamp\":}"u8.Length + (2 * MaxNumberLength) + _prefixes.Sum(p => p.Length + MaxNumberLength);
    }

    /// <summary>The greatest length of a reading in bytes.</summary>
    public int MaxLength { get; }

    /// <exception cref="ArgumentException">A value is infinite; JSON has no number for it.</exception>
    public void Write(in Reading reading, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        destination.Advance(Write(reading, destination.GetSpan(MaxLength)));
    }

    /// <param name="destination">A buffer; <see cref="MaxLength"/> bytes are always enough.</param>
    /// <returns>The number of written bytes.</returns>
    /// <exception cref="ArgumentException">The destination is too short, or a value is infinite; JSON has no number for it.</exception>
    public int Write(in Reading reading, Span<byte> destination)
    {
        var rest = destination;
        Append(ref rest, "{\"sensor_id\":"u8);
        Append(ref rest, reading.SensorId);
        Append(ref rest, ",\"timestamp\":"u8);
        AppendMoment(ref rest, reading.Timestamp);
        for (var i = 0; i < _prefixes.Length; i++)
        {
            var value = reading.Values[i];
            if (double.IsInfinity(value))
            {
                throw new ArgumentException($"Value {i} of the reading must be finite or NaN; got {value}.", nameof(reading));
            }

            if (!double.IsNaN(value))
            {
                Append(ref rest, _prefixes[i]);
                Append(ref rest, value);
            }
            else if (i == _primary)
            {
                Append(ref rest, _prefixes[i]);
                Append(ref rest, "null"u8);
            }
        }

        Append(ref rest, "}"u8);
        return destination.Length - rest.Length;
    }

    private static void AppendMoment(ref Span<byte> rest, long micros)
    {
        var unit = micros > SecondsUpTo ? EpochTime.MicrosPerSecond / 1000 : EpochTime.MicrosPerSecond;
        var (whole, fraction) = Math.DivRem(micros, unit);
        if (whole == 0 && fraction < 0)
        {
            Append(ref rest, "-"u8);
        }

        Append(ref rest, whole);
        if (fraction == 0)
        {
            return;
        }

        Append(ref rest, "."u8);
        for (var (left, place) = (Math.Abs(fraction), unit / 10); left > 0; left %= place, place /= 10)
        {
            Append(ref rest, left / place);
        }
    }

    private static void Append<T>(ref Span<byte> rest, T number)
        where T : IUtf8SpanFormattable
    {
        if (!number.TryFormat(rest, out var length, default, CultureInfo.InvariantCulture))
        {
            throw TooShort();
        }

        rest = rest[length..];
    }

    private static void Append(ref Span<byte> rest, ReadOnlySpan<byte> text)
    {
        if (!text.TryCopyTo(rest))
        {
            throw TooShort();
        }

        rest = rest[text.Length..];
    }

    private static ArgumentException TooShort() =>
        new("The destination is too short for the reading; MaxLength bytes are always enough.");
}
