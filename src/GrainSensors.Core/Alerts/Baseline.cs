namespace GrainSensors.Core.Alerts;

/// <summary>The usual values of a sensor: exponentially weighted mean and variance.</summary>
/// <remarks>
/// The weights depend on time, so the baseline is independent of the rate of readings. The update is West's, "Updating mean and
/// variance estimates: an improved method" (1979). The first readings have equal weights, until their number allows weights by time.
/// </remarks>
/// <param name="Count">The number of readings; it saturates.</param>
/// <param name="Mean">The mean; 0 without readings.</param>
/// <param name="Variance">The variance; 0 without readings.</param>
/// <param name="At">The time of the last reading, µs since the epoch.</param>
public readonly record struct Baseline(int Count, double Mean, double Variance, long At)
{
    /// <summary>The largest weight of a reading in the variance, so that the variance covers at least ten readings.</summary>
    /// <remarks>
    /// The mean of a sensor that reports every 15 minutes follows each reading, as it must to follow the day. A variance with the
    /// same weight would cover the last two readings only.
    /// </remarks>
    private const double MaxSpreadWeight = 0.1;

    private const double MicrosPerHour = 3_600_000_000;

    public double Deviation => Math.Sqrt(Variance);

    /// <param name="at">The time of the reading, µs since the epoch; at or after the reading before it.</param>
    /// <param name="timeConstant">The time constant of the weights, µs.</param>
    /// <param name="driftPerHour">
    /// The drift per hour that is expected between two readings. Only the deviation beyond it counts in the variance.
    /// </param>
    public Baseline Add(double value, long at, long timeConstant, double driftPerHour)
    {
        if (Count == 0)
        {
            return new(1, value, 0, at);
        }

        var count = Count == int.MaxValue ? Count : Count + 1;
        var least = 1.0 / count;
        var weight = Math.Max(least, 1 - Math.Exp((double)(At - at) / timeConstant));
        var spreadWeight = Math.Max(least, Math.Min(weight, MaxSpreadWeight));
        var delta = value - Mean;
        var apart = Math.Max(0, Math.Abs(delta) - (driftPerHour * (at - At) / MicrosPerHour));
        return new(count, Mean + (weight * delta), (1 - spreadWeight) * (Variance + (spreadWeight * apart * apart)), at);
    }

    /// <returns>The baseline of the readings of both.</returns>
    public Baseline Merge(in Baseline other)
    {
        var count = Count + other.Count;
        var share = (double)other.Count / count;
        var apart = other.Mean - Mean;
        var variance = ((1 - share) * Variance) + (share * other.Variance) + (share * (1 - share) * apart * apart);
        return new(count, Mean + (share * apart), variance, Math.Max(At, other.At));
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
