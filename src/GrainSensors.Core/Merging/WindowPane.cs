using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Merging;

/// <summary>What a longer window takes from one of its panes.</summary>
/// <param name="Start">Inclusive, µs since the epoch.</param>
public sealed record WindowPane(long Start, IReadOnlyList<MeasuredStatistics> Measurements, ReadingOrder? Latest)
{
    public static WindowPane Of(StoredWindow window) => new(window.Id.Start, window.Measurements, window.Latest);
}
