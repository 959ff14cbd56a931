using System.Data.Common;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;

namespace GrainSensors.Reconciliation.Model;

/// <summary>One measurement of one window, as an engine computed it from the log.</summary>
/// <param name="Start">The start of the window, µs since the epoch.</param>
/// <param name="Variance">The population variance.</param>
public sealed record RecomputedWindow(
    int SensorId, string Measurement, long Start, long Count, double Min, double Max, double Mean, double Variance)
{
    /// <summary>The columns of <c>sql/reconcile/percentiles.sql</c> with percentiles.</summary>
    internal const string PercentileColumns = "p10, p50, p90, p95, p99";

    /// <summary>All values, for percentiles; null: the engine gives none.</summary>
    public QuantileSketch? Sketch { get; init; }

    /// <summary>The percentages of <see cref="Percentiles"/>.</summary>
    internal static IReadOnlyList<int> Percents { get; } = [10, 50, 90, 95, 99];

    /// <summary>The exact percentiles; null: the engine gives none.</summary>
    public IReadOnlyList<double>? Percentiles { get; init; }

    /// <summary>The first and the last value; null: the engine gives none.</summary>
    public EdgeValues? Edges { get; init; }

    /// <param name="row">Has the columns of <c>sql/reconcile/windows.sql</c>, and percentiles after them or not.</param>
    internal static RecomputedWindow Read(DbDataReader row)
    {
        const int windows = 8;
        return new(
            row.GetInt32(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetDouble(4), row.GetDouble(5), row.GetDouble(6),
            row.GetDouble(7))
        {
            Percentiles = row.FieldCount == windows || row.IsDBNull(windows)
                ? null
                : [.. Percents.Select((_, i) => row.GetDouble(windows + i))],
        };
    }

    public WindowKey Key(Period period) => new(SensorId, Measurement, period, Start);

    public RunningStatistics ToStatistics() => new(Count, Mean, Variance * Count, Min, Max);
}
