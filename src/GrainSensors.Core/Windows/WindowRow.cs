using GrainSensors.Core.Statistics;

namespace GrainSensors.Core.Windows;

/// <summary>A window of one sensor, all metrics of it.</summary>
/// <param name="Start">Inclusive, µs since the epoch.</param>
/// <param name="End">Exclusive, µs since the epoch; part of the identity, so PT1M and PT15M live side by side.</param>
public readonly record struct WindowId(int SensorId, long Start, long End);

/// <summary>The primary key of a window row: one metric of one window.</summary>
public readonly record struct WindowKey(int SensorId, string Measurement, long Start, long End)
{
    public WindowId Window => new(SensorId, Start, End);
}

/// <summary>One metric of one window, as it is stored: statistics and marks, written together or not at all.</summary>
/// <param name="Marks">For each source the last offset that the statistics hold.</param>
/// <param name="RowVersion">New and random on every write; who writes next must name it.</param>
/// <param name="Revision">How often the row was written with new readings after its first close.</param>
/// <param name="IsFinal">True from the first close on.</param>
/// <param name="CorrectedBy">The run that writes a correction; null: a write that corrects nothing, which leaves the stored name as it is.</param>
public sealed record WindowRow(
    WindowKey Key,
    RunningStatistics Statistics,
    Marks Marks,
    long RowVersion,
    int Revision,
    bool IsFinal,
    Guid? CorrectedBy = null);
