using System.Globalization;

namespace GrainSensors.Benchmarks.Feeding;

/// <summary>A reading in the JSON of the contract, written without allocations.</summary>
internal static class ReadingText
{
    /// <summary>Of a reading, bytes.</summary>
    public const int MaxLength = 2048;

    /// <summary>Temperature and humidity.</summary>
    public const int Declared = 2;

    public const int MaxMeasurements = 64;

    /// <summary>Writes 72 bytes or so: <c>{"sensor_id":7,"timestamp":1732400000,"temperature":21.5,"humidity":60}</c>.</summary>
    /// <param name="timestamp">Event time, seconds or milliseconds since the epoch.</param>
    /// <param name="chance">Not negative; what the values are, within limits.</param>
    /// <param name="measurements">The number of measurements, at least <see cref="Declared"/>.</param>
    /// <param name="name">The name of the sensor, in place of its id; empty: it has none.</param>
    /// <returns>How many.</returns>
    public static int Write(
        int sensor, long timestamp, int chance, Span<byte> json, ReadOnlySpan<byte> name = default, int measurements = Declared)
    {
        // Each sensor has a level of its own and scatters around it, by less than any rule calls extreme.
        var tenths = 150 + (sensor * 7L % 100) + (chance % 10);
        var length = WriteBeginning(sensor, timestamp, json, name);
        Text(",\"temperature\":"u8, json, ref length);
        Number(tenths / 10, json, ref length);
        Text("."u8, json, ref length);
        Number(tenths % 10, json, ref length);
        Text(",\"humidity\":"u8, json, ref length);
        Number(40 + (sensor % 20) + (chance / 16 % 5), json, ref length);
        for (var i = Declared; i < measurements; i++)
        {
            Text(",\"measured_"u8, json, ref length);
            Number(i, json, ref length);
            Text("\":"u8, json, ref length);
            Number((i * 10) + (chance % 10), json, ref length);
            Text(".5"u8, json, ref length);
        }

        Text("}"u8, json, ref length);
        return length;
    }

    /// <summary>Writes a reading of a sensor whose probe is disconnected: an alert.</summary>
    /// <inheritdoc cref="Write"/>
    public static int WriteDisconnected(int sensor, long timestamp, Span<byte> json)
    {
        var length = WriteBeginning(sensor, timestamp, json);
        Text(",\"temperature\":null}"u8, json, ref length);
        return length;
    }

    private static int WriteBeginning(int sensor, long timestamp, Span<byte> json, ReadOnlySpan<byte> name = default)
    {
        var length = 0;
        Text("{\"sensor_id\":"u8, json, ref length);
        if (name.IsEmpty)
        {
            Number(sensor, json, ref length);
        }
        else
        {
            Text("\""u8, json, ref length);
            Text(name, json, ref length);
            Text("\""u8, json, ref length);
        }

        Text(",\"timestamp\":"u8, json, ref length);
        Number(timestamp, json, ref length);
        return length;
    }

    private static void Text(ReadOnlySpan<byte> text, Span<byte> json, ref int length)
    {
        text.CopyTo(json[length..]);
        length += text.Length;
    }

    private static void Number(long number, Span<byte> json, ref int length)
    {
        number.TryFormat(json[length..], out var written, default, CultureInfo.InvariantCulture);
        length += written;
    }
}
