namespace GrainSensors.Benchmarks.Feeding;

/// <summary>
/// The readings of all contenders: one reading a second of event time for each sensor, the sensors in turn. Every run has the same ones.
/// </summary>
/// <param name="from">Event time of the first readings, seconds since the epoch.</param>
internal sealed class ReadingSequence(int sensors, long from, int measurements = ReadingText.Declared)
{
    private const ulong GoldenRatio = 0x9E3779B97F4A7C15;

    public int SensorOf(long index) => (int)(index % sensors);

    /// <param name="name">The name of the sensor, in place of its id; empty: it has none.</param>
    /// <returns>Bytes, at most <see cref="ReadingText.MaxLength"/>.</returns>
    public int Write(long index, Span<byte> json, ReadOnlySpan<byte> name = default) =>
        ReadingText.Write(SensorOf(index), from + (index / sensors), ChanceOf(index), json, name, measurements);

    /// <returns>Not negative, and like drawn by lot.</returns>
    public static int ChanceOf(long index) => (int)(unchecked((ulong)index * GoldenRatio) >> 40);
}
