using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;

namespace GrainSensors.Reconciliation.Model;

/// <summary>One measurement of one window, as an engine computed it from the log.</summary>
/// <param name="Start">The start of the window, µs since the epoch.</param>
/// <param name="Variance">The population variance.</param>
public sealed record RecomputedWindow(
    int SensorId, string Measurement, long Start, long Count, double Min, double Max, double Mean, double Variance)
{
    /// <summary>All values, for percentiles; null: the engine gives none.</summary>
    public QuantileSketch? Sketch { get; init; }

    /// <summary>The first and the last value; null: the engine gives none.</summary>
    public EdgeValues? Edges { get; init; }

    public WindowKey Key(Period period) => new(SensorId, Measurement, period, Start);

    public RunningStatistics ToStatistics() => new(Count, Mean, Variance * Count, Min, Max);
}
