using GrainSensors.Core.Statistics;

namespace GrainSensors.Core.Windows;

/// <summary>The identity of a window of one sensor, with all its measurements.</summary>
/// <param name="Start">Inclusive, µs since the epoch.</param>
/// <param name="End">Exclusive, µs since the epoch. It is part of the identity, so PT1M and PT15M windows coexist.</param>
public readonly record struct WindowId(int SensorId, long Start, long End);

/// <summary>The primary key of a window row: one measurement of one window.</summary>
public readonly record struct WindowKey(int SensorId, string Measurement, long Start, long End)
{
    public WindowId Window => new(SensorId, Start, End);
}

/// <summary>A stored row: one measurement of one window. Statistics and marks are written together.</summary>
/// <param name="Marks">The last offset of each source that the statistics contain.</param>
/// <param name="RowVersion">A new random number for every write. The next write must state it.</param>
/// <param name="Revision">The number of writes with new readings after the first close.</param>
/// <param name="IsFinal">Whether the window was closed; true from the first close on.</param>
/// <param name="CorrectedBy">
/// The reconciliation run that writes a correction. Null for other writes, which leave the stored value as it is.
/// </param>
public sealed record WindowRow(
    WindowKey Key,
    RunningStatistics Statistics,
    Marks Marks,
    long RowVersion,
    int Revision,
    bool IsFinal,
    Guid? CorrectedBy = null);
