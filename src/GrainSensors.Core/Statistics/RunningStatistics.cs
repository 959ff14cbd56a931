namespace GrainSensors.Core.Statistics;

/// <summary>Count, mean, variance and extremes of a stream of numbers, in one pass and mergeable.</summary>
/// <remarks>
/// Addition follows B. P. Welford, "Note on a method for calculating corrected sums of squares and products" (1962), merging
/// T. F. Chan, G. H. Golub, R. J. LeVeque (1979). Both avoid the cancellation of Σx² − (Σx)²/n.
/// </remarks>
/// <param name="Count">The number of values.</param>
/// <param name="Mean">The arithmetic mean; 0 without values.</param>
/// <param name="M2">Σ(x − mean)².</param>
/// <param name="Min">The least value; 0 without values.</param>
/// <param name="Max">The greatest value; 0 without values.</param>
public readonly record struct RunningStatistics(long Count, double Mean, double M2, double Min, double Max)
{
    public double Sum => Count * Mean;

    /// <summary>Σ(x − mean)² / n; 0 without values.</summary>
    public double PopulationVariance => Count == 0 ? 0 : M2 / Count;

    public double PopulationStandardDeviation => Math.Sqrt(PopulationVariance);

    /// <param name="value">A finite number.</param>
    public RunningStatistics Add(double value)
    {
        if (Count == 0)
        {
            return new(1, value, 0, value, value);
        }

        var count = Count + 1;
        var delta = value - Mean;
        var mean = Mean + (delta / count);
        return new(count, mean, M2 + (delta * (value - mean)), Math.Min(Min, value), Math.Max(Max, value));
    }

    /// <returns>The statistics of both streams together.</returns>
    public RunningStatistics Merge(RunningStatistics other)
    {
        if (Count == 0 || other.Count == 0)
        {
            return Count == 0 ? other : this;
        }

        var count = Count + other.Count;
        var delta = other.Mean - Mean;
        return new(
            count,
            Mean + (delta * other.Count / count),
            M2 + other.M2 + (delta * delta * ((double)Count * other.Count / count)),
            Math.Min(Min, other.Min),
            Math.Max(Max, other.Max));
    }
}
