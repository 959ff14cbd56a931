using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Merging;

/// <summary>
/// Finds the windows of a longer period that started before it was configured, and lets them be merged. Prepares for sketches that
/// were configured later.
/// </summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface IBackfillStore
{
    /// <returns>The configured longer periods, each with the panes that it has at present.</returns>
    Task<IReadOnlyList<LongerPeriod>> ReadPeriodsAsync(CancellationToken cancellationToken);

    /// <summary>Finds out from when on windows have all of their panes.</summary>
    /// <param name="keptFrom">Counted panes that start earlier may have been deleted, µs since the epoch.</param>
    Task<BackfillReach> ReadReachAsync(LongerPeriod longer, long keptFrom, CancellationToken cancellationToken);

    /// <summary>
    /// Lowers the first start of a period; one that is lower stays. Every write of a pane that is not durable yet makes windows from
    /// then on stale.
    /// </summary>
    /// <param name="from">The first start, µs since the epoch.</param>
    /// <param name="firstWindow">The start of the first window that has panes.</param>
    Task BeginAsync(LongerPeriod longer, long from, long firstWindow, CancellationToken cancellationToken);

    /// <returns>The windows with this start that have final panes and no row, neither a merged nor a counted one.</returns>
    Task<IReadOnlyList<MergedWindowId>> FindMissingAsync(LongerPeriod longer, long start, CancellationToken cancellationToken);

    /// <summary>Prepares the store for the sketches of counted windows that had none.</summary>
    /// <param name="first">The start of the first window, µs since the epoch.</param>
    /// <param name="last">The start of the last window.</param>
    Task PrepareSketchesAsync(Period pane, long first, long last, CancellationToken cancellationToken);
}

/// <summary>Why no earlier window of a period can be merged.</summary>
public enum BackfillLimit
{
    /// <summary>No pane is earlier.</summary>
    None,

    /// <summary>Earlier panes may have been deleted.</summary>
    PanesDeleted,

    /// <summary>Earlier windows have no panes of this period: other windows were counted, or the panes are merged from then on.</summary>
    PanesBegin,

    /// <summary>Earlier windows were counted; they have marks and stay.</summary>
    Counted,

    /// <summary>Earlier windows are merged from panes of another period.</summary>
    OtherPanes,

    /// <summary>Earlier windows are past the retention of the period.</summary>
    Retention,
}

/// <summary>The windows of a longer period that have all of their panes.</summary>
/// <param name="From">Windows that start earlier cannot be merged, µs since the epoch.</param>
/// <param name="FirstPane">The start of the first stored pane; null: there is none.</param>
public sealed record BackfillReach(long From, BackfillLimit Limit, long? FirstPane)
{
    /// <summary>Maintenance that runs at the same time may delete panes of this much more.</summary>
    private const long Margin = 3600 * EpochTime.MicrosPerSecond;

    /// <param name="times">The times in µs since the epoch; null: the limit does not apply.</param>
    internal static BackfillReach Of(WindowPeriod period, long? firstPane, params (BackfillLimit Limit, long? Time)[] times)
    {
        var reach = new BackfillReach(EpochTime.Min, BackfillLimit.None, firstPane);
        foreach (var (limit, time) in times.Where(time => time.Time > EpochTime.Min))
        {
            var from = limit switch
            {
                BackfillLimit.PanesDeleted => time!.Value + Margin,
                BackfillLimit.Retention => period.StartsOver(time!.Value + Margin).First(),
                _ => time!.Value,
            };
            reach = from > reach.From ? reach with { From = from, Limit = limit } : reach;
        }

        return reach;
    }
}
