using System.Buffers.Binary;
using GrainSensors.Core.Statistics;

namespace GrainSensors.Core.Windows;

/// <summary>The value of each step of a window, of one measurement (<see cref="Deduplication"/>).</summary>
/// <remarks>Bytes: a version, the number of steps (4 bytes), a bit for each step, and 8 bytes for each value; little-endian.</remarks>
public sealed class StepValues
{
    private const byte Version = 1;
    private const int Header = 5;
    private readonly double[] _values;

    public StepValues(int steps)
    {
        _values = new double[steps];
        Array.Fill(_values, double.NaN);
    }

    private StepValues(double[] values) => _values = values;

    /// <summary>The number of steps in the window.</summary>
    public int Steps => _values.Length;

    /// <summary>The value of a step; NaN: none.</summary>
    public double this[int step]
    {
        get => _values[step];
        set => _values[step] = value;
    }

    /// <returns>The most bytes of <see cref="ToBytes"/>.</returns>
    public static long MaxSize(long steps) => Header + ((steps + 7) / 8) + (8 * steps);

    public StepValues Copy() => new([.. _values]);

    /// <returns>The statistics of all values.</returns>
    public RunningStatistics Statistics()
    {
        var statistics = default(RunningStatistics);
        foreach (var value in _values)
        {
            statistics = double.IsNaN(value) ? statistics : statistics.Add(value);
        }

        return statistics;
    }

    /// <returns>A sketch of all values.</returns>
    public QuantileSketch Sketch()
    {
        var sketch = new QuantileSketch();
        foreach (var value in _values)
        {
            if (!double.IsNaN(value))
            {
                sketch.Add(value);
            }
        }

        return sketch;
    }

    /// <param name="start">The start of the window, µs since the epoch.</param>
    /// <param name="step">The length of a step, µs.</param>
    /// <returns>The first and the last value, with the starts of their steps; null: there are no values.</returns>
    public EdgeValues? Edges(long start, long step)
    {
        var first = Array.FindIndex(_values, value => !double.IsNaN(value));
        var last = Array.FindLastIndex(_values, value => !double.IsNaN(value));
        return first < 0 ? null : new(start + (first * step), _values[first], start + (last * step), _values[last]);
    }

    public byte[] ToBytes()
    {
        var count = _values.Count(value => !double.IsNaN(value));
        var bytes = new byte[MaxSize(Steps) - (8 * (Steps - count))];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), Steps);
        var rest = bytes.AsSpan(bytes.Length - (8 * count));
        for (var step = 0; step < Steps; step++)
        {
            if (!double.IsNaN(_values[step]))
            {
                bytes[Header + (step / 8)] |= (byte)(1 << (step % 8));
                BinaryPrimitives.WriteDoubleLittleEndian(rest, _values[step]);
                rest = rest[8..];
            }
        }

        return bytes;
    }

    /// <exception cref="FormatException">The bytes have an unknown version or are cut short.</exception>
    public static StepValues Parse(ReadOnlySpan<byte> bytes)
    {
        var steps = bytes.Length > Header && bytes[0] == Version ? BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]) : 0;
        var values = steps > 0 && bytes.Length >= MaxSize(steps) - (8L * steps) ? new StepValues(steps) : throw Damaged();
        var rest = bytes[(int)(MaxSize(steps) - (8L * steps))..];
        for (var step = 0; step < steps; step++)
        {
            if ((bytes[Header + (step / 8)] >> (step % 8) & 1) == 1)
            {
                values[step] = rest.Length >= 8 ? BinaryPrimitives.ReadDoubleLittleEndian(rest) : throw Damaged();
                rest = rest[8..];
            }
        }

        return values;
    }

    private static FormatException Damaged() =>
        new($"The steps of a window row are damaged or not of version {Version}.");
}
