using System.Globalization;

namespace GrainSensors.Benchmarks.Feeding;

/// <summary>
/// What all contenders read: one reading a second of event time for each sensor, the sensors in turn, in the JSON of the
/// contract. The same for every run.
/// </summary>
/// <param name="from">Event time of the first readings, seconds since the epoch.</param>
internal sealed class ReadingSequence(int sensors, long from)
{
    /// <summary>Of a reading and its key, bytes.</summary>
    public const int MaxLength = 128;

    private const ulong GoldenRatio = 0x9E3779B97F4A7C15;

    public int SensorOf(long index) => (int)(index % sensors);

    /// <summary>Writes 72 bytes or so: <c>{"sensor_id":7,"timestamp":1732400000,"temperature":21.5,"humidity":60}</c>.</summary>
    /// <returns>How many.</returns>
    public int Write(long index, Span<byte> json)
    {
        var (sensor, chance) = (SensorOf(index), (int)(unchecked((ulong)index * GoldenRatio) >> 40));

        // Each sensor has a level of its own and scatters around it, by less than any rule calls extreme.
        var tenths = 150 + (sensor * 7L % 100) + (chance % 10);
        var length = 0;
        Text("{\"sensor_id\":"u8, json, ref length);
        Number(sensor, json, ref length);
        Text(",\"timestamp\":"u8, json, ref length);
        Number(from + (index / sensors), json, ref length);
        Text(",\"temperature\":"u8, json, ref length);
        Number(tenths / 10, json, ref length);
        Text("."u8, json, ref length);
        Number(tenths % 10, json, ref length);
        Text(",\"humidity\":"u8, json, ref length);
        Number(40 + (sensor % 20) + (chance / 16 % 5), json, ref length);
        Text("}"u8, json, ref length);
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
