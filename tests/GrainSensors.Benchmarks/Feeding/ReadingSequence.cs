namespace GrainSensors.Benchmarks.Feeding;

/// <summary>
/// The readings of all contenders: one reading a second of event time for each sensor, the sensors in turn. Every run has the same ones.
/// </summary>
/// <param name="from">Event time of the first readings, seconds since the epoch.</param>
internal sealed class ReadingSequence(int sensors, long from)
{
    private const ulong GoldenRatio = 0x9E3779B97F4A7C15;

    public int SensorOf(long index) => (int)(index % sensors);

    /// <returns>Bytes, at most <see cref="ReadingText.MaxLength"/>.</returns>
    public int Write(long index, Span<byte> json) => ReadingText.Write(SensorOf(index), from + (index / sensors), ChanceOf(index), json);

    /// <returns>Not negative, and like drawn by lot.</returns>
    public static int ChanceOf(long index) => (int)(unchecked((ulong)index * GoldenRatio) >> 40);
}
