namespace GrainSensors.Core.Statistics;

/// <summary>The number of values in each bucket of a <see cref="QuantileSketch"/>, of one sign.</summary>
/// <remarks>
/// The highest index decides which buckets are kept: the last <see cref="MaxBuckets"/> up to it. What is below counts in the lowest of
/// them. The highest index only rises, so a value ends in the same bucket, whether it came before or after the highest one.
/// </remarks>
internal sealed class SketchBuckets
{
    public const int MaxBuckets = 2048;

    /// <summary>The most values of a sketch: above, ranks are not exact in a <see cref="double"/>.</summary>
    public const long MaxCount = (1L << 53) - 1;

    /// <summary>Magnitudes down to this part of the greatest one are in a bucket of their own, wherever in its bucket that is.</summary>
    public static readonly double Range = SketchMapping.Ratio(MaxBuckets - 2);

    // A quarter of an hour of temperatures has about 10 buckets.
    private const int InitialCapacity = 16;
    private long[] _counts = [];
    private int _offset;

    /// <summary>The number of values.</summary>
    public long Count { get; private set; }

    /// <summary>The lowest bucket with values; undefined without values.</summary>
    public int Low { get; private set; }

    /// <summary>The highest bucket with values; undefined without values.</summary>
    public int High { get; private set; }

    /// <summary>The number of values in a bucket from <see cref="Low"/> to <see cref="High"/>.</summary>
    public long this[int index] => _counts[index - _offset];

    public void Add(int index)
    {
        var slot = index - _offset;
        if ((uint)slot >= (uint)_counts.Length || _counts[slot] == 0)
        {
            Extend(index, index);
            slot = Math.Max(index, Low) - _offset;
        }

        _counts[slot]++;
        Count++;
    }

    /// <summary>Adds values to a bucket from <see cref="Low"/> to <see cref="High"/>.</summary>
    public void Add(int index, long count)
    {
        _counts[index - _offset] += count;
        Count += count;
    }

    public void Merge(SketchBuckets other)
    {
        if (other.Count == 0)
        {
            return;
        }

        var (low, high) = (other.Low, other.High);
        Extend(low, high);
        for (var index = low; index <= high; index++)
        {
            Add(Math.Max(index, Low), other[index]);
        }
    }

    /// <summary>Makes room for values in buckets from low to high; both get values, which the caller adds.</summary>
    public void Extend(int low, int high)
    {
        high = Count == 0 ? high : Math.Max(high, High);
        low = Math.Max(Count == 0 ? low : Math.Min(low, Low), high - (MaxBuckets - 1));
        var collapsed = Count == 0 ? 0 : TakeBelow(low);
        Cover(low, high);
        (Low, High) = (low, high);
        _counts[low - _offset] += collapsed;
    }

    /// <param name="rank">From 0, in the order of magnitudes.</param>
    /// <returns>The bucket of the value.</returns>
    public int IndexOf(long rank)
    {
        var index = Low;
        for (rank -= this[index]; rank >= 0; rank -= this[index])
        {
            index++;
        }

        return index;
    }

    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
    }

    public SketchBuckets Copy() =>
        new() { _counts = Count == 0 ? [] : [.. _counts], _offset = _offset, Count = Count, Low = Low, High = High };

    /// <summary>Empties the buckets below one.</summary>
    /// <returns>The number of values that they had.</returns>
    private long TakeBelow(int index)
    {
        var taken = 0L;
        for (var below = Low; below < index && below <= High; below++)
        {
            ref var count = ref _counts[below - _offset];
            taken += count;
            count = 0;
        }

        return taken;
    }

    /// <summary>Moves the counts so that the array holds both buckets; no value is outside of them.</summary>
    private void Cover(int low, int high)
    {
        if (low >= _offset && high < _offset + _counts.Length)
        {
            return;
        }

        var span = high - low + 1;
        var moved = span <= _counts.Length
            ? _counts
            : new long[Math.Min(MaxBuckets, Math.Max(InitialCapacity, span + (span / 2)))];
        var offset = low - ((moved.Length - span) / 2);
        var (first, used) = Count == 0 ? (0, 0) : (Math.Max(Low, low), Math.Max(0, High - Math.Max(Low, low) + 1));
        var start = used == 0 ? 0 : first - offset;
        _counts.AsSpan(used == 0 ? 0 : first - _offset, used).CopyTo(moved.AsSpan(start));
        moved.AsSpan(0, start).Clear();
        moved.AsSpan(start + used).Clear();
        (_counts, _offset) = (moved, offset);
    }
}
