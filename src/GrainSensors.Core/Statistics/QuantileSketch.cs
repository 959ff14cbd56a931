using System.Buffers;

namespace GrainSensors.Core.Statistics;

/// <summary>Quantiles of a stream of numbers with a relative error of 1 %, in one pass, mergeable and of bounded size.</summary>
/// <remarks>
/// C. Masson, J. E. Rim, H. K. Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees" (VLDB 2019).
/// <see cref="SketchMapping"/> has the buckets of magnitudes, <see cref="SketchBytes"/> the bytes. Each sign has buckets of its own and
/// keeps <see cref="SketchBuckets.MaxBuckets"/> of them, a range of 1 : 6·10¹⁷. Smaller magnitudes count in the lowest one, where the
/// error is up to the largest magnitude of the sign / 6·10¹⁷. The sketch depends on the values only, and not on the order of additions
/// and merges.
/// </remarks>
public sealed class QuantileSketch
{
    /// <summary>A quantile differs from the value at its rank by at most this part of the value.</summary>
    public const double RelativeError = SketchMapping.RelativeError;

    /// <summary>The most values of a sketch.</summary>
    public const long MaxCount = SketchBuckets.MaxCount;

    /// <summary>The most bytes of <see cref="ToBytes"/>.</summary>
    public const int MaxBytes = SketchBytes.MaxBytes;

    private readonly SketchBuckets _negative;
    private readonly SketchBuckets _positive;
    private long _zeros;

    public QuantileSketch()
        : this(new(), new(), 0)
    {
    }

    private QuantileSketch(SketchBuckets negative, SketchBuckets positive, long zeros) =>
        (_negative, _positive, _zeros) = (negative, positive, zeros);

    /// <summary>The number of values.</summary>
    public long Count => _negative.Count + _zeros + _positive.Count;

    /// <param name="value">A finite number.</param>
    public void Add(double value)
    {
        var magnitude = Math.Abs(value);
        if (!(magnitude <= double.MaxValue))
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, "The value must be finite.");
        }

        if (Count == MaxCount)
        {
            throw TooMany();
        }

        if (magnitude < SketchMapping.MinMagnitude)
        {
            _zeros++;
        }
        else
        {
            (value < 0 ? _negative : _positive).Add(SketchMapping.Index(magnitude));
        }
    }

    /// <summary>Adds the values of another sketch, which stays as it is.</summary>
    /// <exception cref="OverflowException">Both have more than <see cref="MaxCount"/> values together; nothing is added.</exception>
    public void Merge(QuantileSketch other)
    {
        if (other.Count > MaxCount - Count)
        {
            throw TooMany();
        }

        _negative.Merge(other._negative);
        _positive.Merge(other._positive);
        _zeros += other._zeros;
    }

    /// <summary>Removes all values, and keeps the memory for others.</summary>
    public void Clear()
    {
        _negative.Clear();
        _positive.Clear();
        _zeros = 0;
    }

    /// <param name="q">From 0 to 1; 0.5 is the median.</param>
    /// <param name="min">The least value, which the sketch does not know; negative infinity: unknown.</param>
    /// <param name="max">The greatest value; infinity: unknown.</param>
    /// <returns>The value of rank ⌊q·(n − 1)⌋, counted from 0, within the relative error and from min to max; NaN without values.</returns>
    public double Quantile(double q, double min, double max)
    {
        if (!(q >= 0 && q <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(q), q, "The quantile must be from 0 to 1.");
        }

        return Count == 0 ? double.NaN : Math.Max(min, Math.Min(max, q switch
        {
            0 when double.IsFinite(min) => min,
            1 when double.IsFinite(max) => max,
            _ => ValueOf((long)(q * (Count - 1))),
        }));
    }

    /// <param name="value">The value at the rank of a quantile.</param>
    /// <param name="min">The least value of the sketch.</param>
    /// <param name="max">The greatest value.</param>
    /// <returns>The most by which the quantile differs from it.</returns>
    public static double MaxError(double value, double min, double max) => Math.Max(
        RelativeError * Math.Abs(value),
        Math.Max(SketchMapping.MinMagnitude, (value < 0 ? -min : max) / SketchBuckets.Range));

    public QuantileSketch Copy() => new(_negative.Copy(), _positive.Copy(), _zeros);

    /// <returns>The same bytes for the same values, in whichever order they were added and merged.</returns>
    public byte[] ToBytes()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxBytes);
        try
        {
            var length = SketchBytes.Write(buffer, _zeros, _negative, _positive);
            return buffer.AsSpan(0, length).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <exception cref="FormatException">The bytes are damaged or have an unknown version.</exception>
    public static QuantileSketch Parse(ReadOnlySpan<byte> bytes)
    {
        var (zeros, negative, positive) = SketchBytes.Read(bytes);
        return new(negative, positive, zeros);
    }

    private double ValueOf(long rank)
    {
        if (rank < _negative.Count)
        {
            return -SketchMapping.Magnitude(_negative.IndexOf(_negative.Count - 1 - rank));
        }

        rank -= _negative.Count;
        return rank < _zeros ? 0 : SketchMapping.Magnitude(_positive.IndexOf(rank - _zeros));
    }

    private static OverflowException TooMany() => new($"A sketch holds at most {MaxCount} values.");
}
