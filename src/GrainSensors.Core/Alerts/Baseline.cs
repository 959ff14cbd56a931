namespace GrainSensors.Core.Alerts;

/// <summary>What a sensor usually reads: exponentially weighted mean and variance, with weights by time, so that it means the same at any rate of readings.</summary>
/// <remarks>
/// The update is West's, "Updating mean and variance estimates: an improved method" (1979). Until there are enough readings
/// for the weight by time the weights are equal.
/// </remarks>
/// <param name="Count">How many readings it has seen; saturates.</param>
/// <param name="Mean">0 when there are none.</param>
/// <param name="Variance">0 when there are none.</param>
/// <param name="At">Of the last reading, µs since the epoch.</param>
public readonly record struct Baseline(int Count, double Mean, double Variance, long At)
{
    /// <summary>
    /// The spread is a matter of ten readings at least. A sensor that reports every quarter of an hour has a mean that follows
    /// each of them, as it must to follow the day; a spread that did so would be that of the last two.
    /// </summary>
    private const double MaxSpreadWeight = 0.1;

    private const double MicrosPerHour = 3_600_000_000;

    public double Deviation => Math.Sqrt(Variance);

    /// <param name="at">Not before the reading before it.</param>
    /// <param name="memory">The time constant, µs.</param>
    /// <param name="driftPerHour">What a value may drift by meanwhile; only what is beyond is spread. After a gap of hours that is all.</param>
    public Baseline Add(double value, long at, long memory, double driftPerHour)
    {
        if (Count == 0)
        {
            return new(1, value, 0, at);
        }

        var count = Count == int.MaxValue ? Count : Count + 1;
        var least = 1.0 / count;
        var weight = Math.Max(least, 1 - Math.Exp((double)(At - at) / memory));
        var spreadWeight = Math.Max(least, Math.Min(weight, MaxSpreadWeight));
        var delta = value - Mean;
        var apart = Math.Max(0, Math.Abs(delta) - (driftPerHour * (at - At) / MicrosPerHour));
        return new(count, Mean + (weight * delta), (1 - spreadWeight) * (Variance + (spreadWeight * apart * apart)), at);
    }

    /// <returns>Of the readings of both.</returns>
    public Baseline Merge(in Baseline other)
    {
        var count = Count + other.Count;
        var share = (double)other.Count / count;
        var apart = other.Mean - Mean;
        return new(count, Mean + (share * apart), ((1 - share) * Variance) + (share * other.Variance) + (share * (1 - share) * apart * apart), Math.Max(At, other.At));
    }

    internal void Write(StateWriter writer, long @base)
    {
        writer.Unsigned((ulong)Count);
        writer.Number(Mean);
        writer.Number(Variance);
        writer.Signed(@base - At);
    }

    internal static Baseline Read(ref StateReader reader, long @base) =>
        new((int)reader.Unsigned(), reader.Number(), reader.Number(), @base - reader.Signed());
}
