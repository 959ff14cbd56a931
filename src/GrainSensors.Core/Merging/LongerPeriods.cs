using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Merging;

/// <summary>
/// The periods whose windows are merged from the windows of a shorter one, their panes: from those that are written with marks, or
/// from those of another longer period.
/// </summary>
public sealed class LongerPeriods
{
    /// <summary>The most panes of a window: a day of half minutes, a month of quarters.</summary>
    public const int MaxPanes = 3000;

    /// <summary>The most windows of a period that a pane is in: each write of a final pane writes their rows.</summary>
    private const int MaxOverlap = 60;

    private readonly IReadOnlyList<LongerPeriod> _periods;

    /// <param name="pane">The period of the windows that readings are counted in. It divides every boundary of every longer window.</param>
    /// <param name="periods">The longer periods, each once. Each is merged from the longest one that it consists of.</param>
    /// <exception cref="ArgumentException">A longer window cannot be merged from the others; the message says why.</exception>
    public LongerPeriods(Period pane, IReadOnlyList<WindowPeriod> periods)
    {
        Pane = pane;
        var sources = periods.Where(period => !period.Overlaps).OrderByDescending(period => period.Size.TotalSeconds).ToList();
        _periods = [.. periods.Select((period, i) => Check(period, periods.Take(i).Contains(period), sources))];
    }

    private LongerPeriods(Period pane, IEnumerable<LongerPeriod> periods) => (Pane, _periods) = (pane, [.. periods]);

    /// <summary>No longer periods.</summary>
    public static LongerPeriods None { get; } = new(Period.Default, Array.Empty<LongerPeriod>());

    /// <param name="periods">The periods as a store has them: one may have had other panes before.</param>
    public static LongerPeriods Restore(IEnumerable<LongerPeriod> periods)
    {
        var all = periods.ToList();
        return all.Find(period => !period.IsChained) is { Source.Plain: { } pane } ? new(pane, all) : None;
    }

    /// <summary>The period of the windows that readings are counted in.</summary>
    public Period Pane { get; }

    public bool IsEmpty => _periods.Count == 0;

    public IReadOnlyList<LongerPeriod> All => _periods;

    /// <returns>The longer windows that are merged from the pane; none if the window has another period.</returns>
    public IEnumerable<MergedWindowId> Over(WindowId pane) => _periods
        .Where(period => !period.IsChained && period.Source.Plain == pane.Period)
        .SelectMany(period => Over(period, pane.SensorId, pane.Start));

    /// <returns>The longer windows that are merged from the longer one.</returns>
    public IEnumerable<MergedWindowId> Over(MergedWindowId window) => _periods
        .Where(period => period.IsChained && period.Source.Equals(window.Period))
        .SelectMany(period => Over(period, window.SensorId, window.Start));

    /// <returns>All longer windows that contain the pane, each once.</returns>
    public IEnumerable<MergedWindowId> AllOver(WindowId pane)
    {
        var found = Over(pane).ToList();
        for (var i = 0; i < found.Count; i++)
        {
            found.AddRange(Over(found[i]).Where(window => !found.Contains(window)).ToList());
        }

        return found;
    }

    private static IEnumerable<MergedWindowId> Over(LongerPeriod longer, int sensorId, long start) =>
        longer.Period.StartsOver(start).Select(first => new MergedWindowId(sensorId, longer.Period, first));

    private LongerPeriod Check(WindowPeriod period, bool isRepeated, List<WindowPeriod> sources)
    {
        if (period.Size <= Pane || isRepeated)
        {
            throw new ArgumentException($"The period {period} is {(isRepeated ? "repeated" : $"not longer than {Pane}")}; remove it.");
        }

        if (period.FindBoundaryWithin(Pane) is { } boundary)
        {
            throw new ArgumentException(
                $"Windows of {Pane} cannot be merged to windows of {period}: one begins at {EpochTime.ToIso8601(boundary)}, within a "
                + $"window of {Pane}. Use a shorter period instead of {Pane}, or a longer one instead of {period}.");
        }

        var overlap = period.Size.TotalSeconds / period.Hop.TotalSeconds;
        if (overlap > MaxOverlap)
        {
            throw new ArgumentException(
                $"Windows of {period} overlap so much that each of {Pane} would be in {overlap}; at most {MaxOverlap} are stored. "
                + "Use a longer hop, or ask for such windows without storing them.");
        }

        var source = sources.Find(source => source.Size < period.Size && period.FindBoundaryWithin(source) is null);
        var panes = period.Size.TotalSeconds / (source?.Size ?? Pane).TotalSeconds;
        return panes <= MaxPanes
            ? new(period, source ?? new(Pane), source is not null)
            : throw new ArgumentException(
                $"A window of {period} would be merged from {panes} windows of {source?.ToString() ?? Pane.ToString()}, more than "
                + $"{MaxPanes}; add a period between them, such as "
                + $"{(period.Calendar is { Unit: not "P1D" } calendar ? $"P1D@{calendar.Zone}" : "PT1H")}.");
    }
}

/// <summary>A period whose windows are merged.</summary>
/// <param name="Source">The period of its panes.</param>
/// <param name="IsChained">Whether the panes are merged themselves.</param>
public sealed record LongerPeriod(WindowPeriod Period, WindowPeriod Source, bool IsChained)
{
    /// <summary>Windows that start earlier are not merged: a part of their panes may be missing. µs since the epoch.</summary>
    public long From { get; init; } = EpochTime.Min;

    /// <summary>Panes that start earlier may have been deleted. µs since the epoch.</summary>
    public long PanesFrom { get; init; } = EpochTime.Min;
}
