using System.Globalization;
using GrainSensors.Core.Statistics;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation.Comparison;

/// <summary>Describes the differences between two statistics of the same readings.</summary>
internal static class Differences
{
    /// <summary>
    /// Accepted rounding difference, relative to the greatest absolute value. Sums in another order differ by rounding errors
    /// that grow with the values, even where the mean is close to 0.
    /// </summary>
    private const double Tolerance = 1e-9;

    /// <returns>
    /// The columns that differ, each with the stored minus the recomputed value, such as <c>sample_count -3, mean +0.25</c>; null
    /// if both are equal.
    /// </returns>
    public static string? Describe(RunningStatistics stored, RunningStatistics recomputed)
    {
        var differences = new List<string>();
        var scale = Tolerance * Math.Max(Math.Abs(recomputed.Min), Math.Abs(recomputed.Max));
        if (stored.Count != recomputed.Count)
        {
            differences.Add(string.Create(CultureInfo.InvariantCulture, $"sample_count {stored.Count - recomputed.Count:+0;-0}"));
        }

        Add("mean", stored.Mean, recomputed.Mean, scale);
        if (Differ(stored.PopulationStandardDeviation, recomputed.PopulationStandardDeviation, scale))
        {
            Add("m2", stored.M2, recomputed.M2, 0);
        }

        Add("min", stored.Min, recomputed.Min, 0);
        Add("max", stored.Max, recomputed.Max, 0);
        return differences.Count == 0 ? null : string.Join(", ", differences);

        void Add(string column, double actual, double expected, double tolerance)
        {
            if (Differ(actual, expected, tolerance))
            {
                differences.Add(Describe(column, actual - expected));
            }
        }
    }

    /// <returns>
    /// The percentiles that differ by more than the error of a sketch, such as <c>p95 +0.25</c>; null if none does or one side has none.
    /// </returns>
    public static string? DescribePercentiles(QuantileSketch? stored, RecomputedWindow recomputed)
    {
        if (stored is null || recomputed.Percentiles is not { } expected)
        {
            return null;
        }

        var (min, max) = (recomputed.Min, recomputed.Max);
        var differences = RecomputedWindow.Percents
            .Select((percent, i) => (percent, Expected: expected[i], Actual: stored.Quantile(percent / 100.0, min, max)))
            .Where(p => Differ(p.Actual, p.Expected, (1 + Tolerance) * QuantileSketch.MaxError(p.Expected, min, max)))
            .Select(p => Describe($"p{p.percent}", p.Actual - p.Expected));
        return string.Join(", ", differences) is { Length: > 0 } all ? all : null;
    }

    private static string Describe(string column, double difference) =>
        string.Create(CultureInfo.InvariantCulture, $"{column} {difference:+0.#########;-0.#########;+0.#e+0}");

    /// <summary>Sums of very large values overflow to infinity or NaN on both sides, which counts as equal.</summary>
    private static bool Differ(double a, double b, double tolerance) =>
        (double.IsFinite(a) || double.IsFinite(b)) && !(Math.Abs(a - b) <= tolerance);
}
