using GrainSensors.Core.Merging;

namespace GrainSensors.Web.Charts;

/// <summary>One measurement in one window. Times are in µs since the epoch.</summary>
/// <param name="Start">Inclusive.</param>
/// <param name="End">Exclusive.</param>
/// <param name="Percentiles">Null: not known.</param>
public readonly record struct ChartPoint(
    long Start, long End, long Count, double Mean, double Min, double Max, bool IsFinal, ChartPercentiles? Percentiles = null)
{
    public static ChartPoint Of(long start, long end, MergedMeasurement measured, bool isFinal)
    {
        var (values, sketch) = (measured.Statistics, measured.Sketch);
        return new(
            start, end, values.Count, values.Mean, values.Min, values.Max, isFinal,
            sketch is null ? null : new(At(0.05), At(0.5), At(0.95)));

        double At(double quantile) => sketch.Quantile(quantile, values.Min, values.Max);
    }
}

/// <summary>The values below which 5 %, 50 % and 95 % of the readings are.</summary>
public readonly record struct ChartPercentiles(double P5, double P50, double P95);
