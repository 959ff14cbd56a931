using System.Globalization;
using GrainSensors.Core.Statistics;

namespace GrainSensors.Reconciliation.Comparison;

/// <summary>In what two statistics of the same readings differ.</summary>
internal static class Differences
{
    /// <summary>
    /// Relative to the greatest of the values: what is computed from them in another order differs by rounding, which is as
    /// large as they are, even where the mean is next to nothing.
    /// </summary>
    private const double Tolerance = 1e-9;

    /// <returns>The columns and by how much what is stored is too large, such as <c>sample_count -3, mean +0.25</c>; null: there is no difference.</returns>
    public static string? Describe(RunningStatistics stored, RunningStatistics recomputed)
    {
        var differences = new List<string>();
        var scale = Tolerance * Math.Max(Math.Abs(recomputed.Min), Math.Abs(recomputed.Max));
        if (stored.Count != recomputed.Count)
        {
            differences.Add(string.Create(CultureInfo.InvariantCulture, $"sample_count {stored.Count - recomputed.Count:+0;-0}"));
        }

        Add("mean", stored.Mean, recomputed.Mean, scale);
        if (IsApart(stored.PopulationStandardDeviation, recomputed.PopulationStandardDeviation, scale))
        {
            Add("m2", stored.M2, recomputed.M2, 0);
        }

        Add("min", stored.Min, recomputed.Min, 0);
        Add("max", stored.Max, recomputed.Max, 0);
        return differences.Count == 0 ? null : string.Join(", ", differences);

        void Add(string column, double has, double should, double tolerance)
        {
            if (IsApart(has, should, tolerance))
            {
                differences.Add(string.Create(CultureInfo.InvariantCulture, $"{column} {has - should:+0.#########;-0.#########;+0.#e+0}"));
            }
        }
    }

    /// <summary>Sums of the greatest doubles end beyond them: there neither side has a number.</summary>
    private static bool IsApart(double a, double b, double tolerance) =>
        (double.IsFinite(a) || double.IsFinite(b)) && !(Math.Abs(a - b) <= tolerance);
}
