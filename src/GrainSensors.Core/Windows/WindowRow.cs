using GrainSensors.Core.Statistics;

namespace GrainSensors.Core.Windows;

/// <summary>The identity of a window of one sensor, with all its measurements: the primary key of a stored window.</summary>
/// <param name="Start">Inclusive, µs since the epoch.</param>
public readonly record struct WindowId(int SensorId, Period Period, long Start)
{
    /// <summary>Exclusive, µs since the epoch.</summary>
    public long End => Start + Period.TotalMicros;
}

/// <summary>The identity of one measurement of one window.</summary>
/// <param name="Start">Inclusive, µs since the epoch.</param>
public readonly record struct WindowKey(int SensorId, string Measurement, Period Period, long Start)
{
    /// <summary>Exclusive, µs since the epoch.</summary>
    public long End => Start + Period.TotalMicros;

    public WindowId Window => new(SensorId, Period, Start);
}

/// <summary>One measurement of a stored window: a row of the view <c>sensor_windows</c>.</summary>
/// <param name="RowVersion">The row version of the window.</param>
public sealed record WindowRow(
    WindowKey Key,
    RunningStatistics Statistics,
    Marks Marks,
    long RowVersion,
    int Revision,
    bool IsFinal,
    Guid? CorrectedBy = null)
{
    /// <inheritdoc cref="MeasuredStatistics.Sketch"/>
    public QuantileSketch? Sketch { get; init; }

    /// <inheritdoc cref="MeasuredStatistics.Edges"/>
    public EdgeValues? Edges { get; init; }

    /// <summary>What the row says of its measurement.</summary>
    public MeasuredStatistics Measured => new(Key.Measurement, Statistics, Sketch: Sketch, Edges: Edges);
}
