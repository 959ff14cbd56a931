using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Merging;

/// <summary>The statistics of a longer window.</summary>
/// <param name="Measurements">The measurements that have values, each once, in ordinal order.</param>
/// <param name="Latest">The latest reading of all panes.</param>
public sealed record MergedStatistics(IReadOnlyList<MeasuredStatistics> Measurements, ReadingOrder? Latest)
{
    /// <summary>
    /// Whether both have the same values, in any order of the measurements. Sketches and edges that were unknown may be known now: that is
    /// no change of the window.
    /// </summary>
    public bool HasValuesOf(MergedStatistics other) => Values.ToHashSet().SetEquals(other.Values);

    private IEnumerable<(string, RunningStatistics, double)> Values =>
        Measurements.Select(measured => (measured.Measurement, measured.Statistics, measured.Last));

    /// <summary>Merges panes. Their order does not matter: they are merged by start, so that rounding is the same every time.</summary>
    /// <param name="panes">Windows of one sensor and period, each once.</param>
    public static MergedStatistics Of(IEnumerable<WindowPane> panes)
    {
        var merged = new SortedDictionary<string, MergedMeasurement>(StringComparer.Ordinal);
        WindowPane? last = null;
        foreach (var pane in panes.OrderBy(pane => pane.Start))
        {
            last = pane.Latest is { } latest && (last?.Latest is not { } known || latest.IsAfter(known)) ? pane : last;
            foreach (var measured in pane.Measurements)
            {
                if (!merged.TryGetValue(measured.Measurement, out var all))
                {
                    merged.Add(measured.Measurement, all = new());
                }

                all.Add(measured);
            }
        }

        var values = (last?.Measurements ?? []).ToDictionary(measured => measured.Measurement, measured => measured.Last);
        return new(
            [.. merged.Where(measured => measured.Value.Statistics.Count > 0).Select(measured => new MeasuredStatistics(
                measured.Key, measured.Value.Statistics, values.GetValueOrDefault(measured.Key, double.NaN))
            {
                Sketch = measured.Value.Sketch,
                Edges = measured.Value.Edges,
            })],
            last?.Latest);
    }
}
