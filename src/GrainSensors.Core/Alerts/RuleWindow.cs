using GrainSensors.Core.Statistics;

namespace GrainSensors.Core.Alerts;

/// <summary>The window of a <see cref="WindowCondition"/> that takes values, of one sensor. Times are in µs since the epoch.</summary>
internal sealed class RuleWindow
{
    private readonly long _size;
    private readonly WindowStatistic _statistic;
    private readonly QuantileSketch? _sketch;
    private RunningStatistics _values;

    public RuleWindow(long start, long size, WindowStatistic statistic)
        : this(start, size, statistic, default, statistic.IsPercentile ? new() : null)
    {
    }

    private RuleWindow(long start, long size, WindowStatistic statistic, RunningStatistics values, QuantileSketch? sketch) =>
        (Start, _size, _statistic, _values, _sketch) = (start, size, statistic, values, sketch);

    public long Start { get; private set; }

    public long End => Start + _size;

    /// <summary>Whether it has no values.</summary>
    public bool IsEmpty => _values.Count == 0;

    /// <summary>The statistic of the values so far; NaN: there is none.</summary>
    public double Value => _statistic.Of(_values, _sketch);

    /// <returns>The start of the first window that begins after a time; windows begin at multiples of their size.</returns>
    public static long StartAfter(long time, long size) => ((time / size) + (time % size < 0 ? 0 : 1)) * size;

    /// <returns>Whether it is a window of the condition. It is not if the rule had another size or statistic before.</returns>
    public bool IsOf(WindowCondition condition) => _size == condition.Per && _statistic == condition.Statistic;

    /// <param name="value">A finite number.</param>
    public void Add(double value)
    {
        _values = _values.Add(value);
        _sketch?.Add(value);
    }

    /// <summary>Becomes a later window.</summary>
    public void MoveTo(long start)
    {
        (Start, _values) = (start, default);
        _sketch?.Clear();
    }

    public void Write(StateWriter writer, long @base)
    {
        writer.Byte(_statistic.Code);
        writer.Signed(@base - Start);
        writer.Unsigned((ulong)_size);
        writer.Unsigned((ulong)_values.Count);
        if (IsEmpty)
        {
            return;
        }

        writer.Number(_values.Mean);
        writer.Number(_values.M2);
        writer.Number(_values.Min);
        writer.Number(_values.Max);
        if (_sketch is not null)
        {
            writer.Bytes(_sketch.ToBytes());
        }
    }

    public static RuleWindow Read(ref StateReader reader, long @base)
    {
        var statistic = WindowStatistic.OfCode(reader.Byte()) ?? throw new FormatException("The monitor state is damaged.");
        var (start, size, count) = (@base - reader.Signed(), (long)reader.Unsigned(), (long)reader.Unsigned());
        return count == 0
            ? new(start, size, statistic)
            : new(
                start, size, statistic, new(count, reader.Number(), reader.Number(), reader.Number(), reader.Number()),
                statistic.IsPercentile ? QuantileSketch.Parse(reader.Bytes()) : null);
    }
}
