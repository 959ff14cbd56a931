using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Merging;

/// <summary>The identity of a longer window of one sensor: the primary key of a merged window.</summary>
/// <param name="Start">Inclusive, µs since the epoch.</param>
public sealed record MergedWindowId(int SensorId, WindowPeriod Period, long Start)
{
    /// <summary>Exclusive, µs since the epoch.</summary>
    public long End => Period.EndOf(Start);
}
