using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Merging;

/// <summary>The periods whose windows are merged from the windows of a shorter one, their panes.</summary>
public sealed class LongerPeriods
{
    private readonly IReadOnlyList<WindowPeriod> _periods;

    /// <param name="pane">The period of the panes. Its size divides every boundary of every longer window.</param>
    /// <param name="periods">The longer periods, each once.</param>
    /// <exception cref="ArgumentException">A longer window begins within a pane, or a period is repeated or not longer.</exception>
    public LongerPeriods(Period pane, IReadOnlyList<WindowPeriod> periods)
    {
        (Pane, _periods) = (pane, [.. periods]);
        for (var i = 0; i < _periods.Count; i++)
        {
            var period = _periods[i];
            if (period.Size <= pane || _periods.Take(i).Contains(period))
            {
                throw new ArgumentException(
                    $"The period {period} is {(period.Size <= pane ? $"not longer than {pane}" : "repeated")}; remove it.");
            }

            if (period.FindBoundaryWithin(pane) is { } boundary)
            {
                throw new ArgumentException(
                    $"Windows of {pane} cannot be merged to windows of {period}: one begins at {EpochTime.ToIso8601(boundary)}, within a "
                    + $"window of {pane}. Use a shorter period instead of {pane}, or a longer one instead of {period}.");
            }
        }
    }

    /// <summary>No longer periods.</summary>
    public static LongerPeriods None { get; } = new(Period.Default, []);

    public Period Pane { get; }

    public bool IsEmpty => _periods.Count == 0;

    /// <returns>The longer windows that contain the pane; none if the window has another period.</returns>
    public IEnumerable<MergedWindowId> Over(WindowId pane) => pane.Period != Pane
        ? []
        : _periods.SelectMany(period => period.StartsOver(pane.Start).Select(start => new MergedWindowId(pane.SensorId, period, start)));

    /// <summary>
    /// The longer windows that must be merged again once the window is written. A provisional window takes part in no merge before it
    /// is final.
    /// </summary>
    public IEnumerable<MergedWindowId> StaleAfter(StoredWindow written) => written.IsFinal ? Over(written.Id) : [];
}
