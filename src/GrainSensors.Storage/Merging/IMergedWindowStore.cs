using GrainSensors.Core.Merging;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Merging;

/// <summary>
/// The table <c>merged_windows</c>: longer windows, merged from their panes. The write of a final pane makes the longer windows over
/// it stale in the same transaction, and gives their rows a new version; a merge does so with the windows that are merged from it.
/// </summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement. A write may or may not have happened.
/// </exception>
public interface IMergedWindowStore
{
    /// <summary>The longer periods of the store as they were read last.</summary>
    LongerPeriods Periods { get; }

    /// <summary>
    /// Makes the longer periods of <see cref="WindowStoreOptions"/> those of the store. The processes of a pipeline do so; a command with
    /// another configuration must not.
    /// </summary>
    Task SetPeriodsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Reads the longer periods of the store, which another process may have changed; from then on, the writes of this process make
    /// their windows stale.
    /// </summary>
    Task<LongerPeriods> ReadPeriodsAsync(CancellationToken cancellationToken);

    /// <summary>Lets one process at a time merge. Two that merge do no harm, but the work of one of them is in vain.</summary>
    /// <returns>False: another process merges.</returns>
    Task<bool> TryRunAsync(Func<Task> merge, CancellationToken cancellationToken);

    /// <summary>Finds out how far the readings are that were counted lately.</summary>
    /// <param name="since">µs since the epoch.</param>
    /// <returns>
    /// The stream time of the source that is furthest behind of those with open windows and a checkpoint since; null: there is none.
    /// </returns>
    Task<long?> ReadStreamTimeAsync(long since, CancellationToken cancellationToken);

    /// <summary>Reads stale windows, and after that their panes. Both are of one life of the store.</summary>
    /// <param name="endedBy">The windows have ended by this time, µs since the epoch.</param>
    /// <param name="waitFrom">Windows that end after this time wait until each of their panes is final, µs since the epoch.</param>
    /// <param name="after">The last window of the page before; null: this is the first page.</param>
    /// <param name="limit">The most windows to find.</param>
    /// <returns>Those that ended first at the beginning.</returns>
    Task<IReadOnlyList<StaleWindow>> ReadStaleAsync(
        long endedBy, long waitFrom, MergedWindowId? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Reads windows that are merged, and neither they nor their panes are stale, with their panes, as <see cref="ReadStaleAsync"/>.
    /// </summary>
    Task<IReadOnlyList<StaleWindow>> ReadMergedAsync(IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken);

    /// <summary>Makes windows stale; one that has no row gets one.</summary>
    /// <returns>The windows that are stale now; others are of no longer period, or their panes may have been deleted.</returns>
    Task<IReadOnlyList<MergedWindowId>> MarkStaleAsync(IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken);

    /// <summary>
    /// Writes merges, each on the condition that the row has the version that was read before the panes, in the same life of the store.
    /// A row that is written is no longer stale; if it has changed, it is due to be announced.
    /// </summary>
    /// <param name="merges">The merges; each window at most once.</param>
    /// <returns>For each merge, by index, <see cref="WriteOutcome.Written"/> or <see cref="WriteOutcome.Refused"/>.</returns>
    Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowMerge> merges, CancellationToken cancellationToken);

    /// <returns>Windows whose revision is to be announced, those that ended first at the beginning.</returns>
    Task<IReadOnlyList<MergedWindow>> ReadDueAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Notes that the windows are announced. One that was written since stays due.</summary>
    Task AnnouncedAsync(IReadOnlyList<MergedWindow> windows, CancellationToken cancellationToken);

    /// <returns>The stored windows, in any order; windows that are not stored are left out.</returns>
    Task<IReadOnlyList<MergedWindow>> ReadAsync(IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken);

    /// <param name="sensorIds">Null: all sensors.</param>
    /// <param name="from">Earliest start, inclusive, µs since the epoch.</param>
    /// <param name="to">Latest start, exclusive.</param>
    /// <returns>The windows that were merged after their end, by sensor and start.</returns>
    IAsyncEnumerable<MergedWindow> QueryAsync(
        IReadOnlyList<int>? sensorIds, WindowPeriod period, long from, long to, CancellationToken cancellationToken);
}

/// <summary>A longer window that must be merged.</summary>
/// <param name="Source">The period of its panes.</param>
/// <param name="IsChained">Whether the panes are merged themselves.</param>
/// <param name="RowVersion">The version of the row before the panes were read.</param>
/// <param name="Life">The life of the store. A restored one may have the version of a row again whose panes were others.</param>
/// <param name="Panes">The final panes, in any order.</param>
public sealed record StaleWindow(
    MergedWindowId Id, WindowPeriod Source, bool IsChained, long RowVersion, Guid Life, IReadOnlyList<WindowPane> Panes);

/// <summary>A merge to write.</summary>
/// <param name="Statistics">The statistics of the panes.</param>
/// <param name="RowVersion">The new row version.</param>
public sealed record WindowMerge(StaleWindow Window, MergedStatistics Statistics, long RowVersion);

/// <summary>A stored longer window.</summary>
/// <param name="Source">The period of its panes.</param>
/// <param name="Statistics">The statistics of the last merge.</param>
/// <param name="Revision">The number of merges after the first one that changed the statistics.</param>
/// <param name="IsFinal">Whether the window was merged after its end.</param>
/// <param name="IsStale">Whether a pane was written after the last merge.</param>
public sealed record MergedWindow(
    MergedWindowId Id, WindowPeriod Source, MergedStatistics Statistics, long RowVersion, int Revision, bool IsFinal, bool IsStale);
