using GrainSensors.Core.Statistics;

namespace GrainSensors.Core.Windows;

/// <summary>The statistics of one measurement.</summary>
/// <param name="Last">The value of the window's latest reading; NaN: the reading has none.</param>
/// <param name="Steps">The values that count, if one counts for each step; null: every value counts.</param>
/// <param name="Sketch">All values, for percentiles. Null: not known, and in a write, as it is stored.</param>
/// <param name="Edges">
/// The first and the last value by time; if one value counts for each step, with the start of its step. Null: not known.
/// </param>
public readonly record struct MeasuredStatistics(
    string Measurement, RunningStatistics Statistics, double Last = double.NaN, StepValues? Steps = null, QuantileSketch? Sketch = null,
    EdgeValues? Edges = null);
