using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Merging;

/// <summary>Merges stale windows that are over. Any number of mergers may run at once, and each may end at any point.</summary>
/// <remarks>
/// The row versions are read before the panes. A pane that is written in between or later gives the row a new version: the merge is
/// refused, and the window stays stale for the next one.
/// </remarks>
/// <param name="nextVersion">Returns a random row version.</param>
public sealed class WindowMerger(IMergedWindowStore store, Func<long> nextVersion)
{
    /// <summary>Each window may have thousands of panes.</summary>
    private const int WindowsAtOnce = 100;

    /// <summary>A source with open windows and without a checkpoint for so long has no owner.</summary>
    private static readonly TimeSpan ActiveFor = TimeSpan.FromMinutes(3);

    /// <summary>Finds out which windows are over: no source that has an owner still counts readings of them.</summary>
    /// <param name="now">µs since the epoch.</param>
    /// <param name="grace">How long after its end a window is merged.</param>
    /// <returns>The latest end, µs since the epoch.</returns>
    public async Task<long> EndedByAsync(long now, TimeSpan grace, CancellationToken cancellationToken)
    {
        var streamTime = await store.ReadStreamTimeAsync(now - EpochTime.From(ActiveFor), cancellationToken);
        return Math.Min(streamTime ?? now, now) - EpochTime.From(grace);
    }

    /// <inheritdoc cref="IMergedWindowStore.ReadStaleAsync"/>
    /// <returns>The number of merges, when none of the stale windows can be merged any more.</returns>
    public async Task<long> MergeAsync(long endedBy, long waitFrom, CancellationToken cancellationToken)
    {
        var (all, merged) = (0L, 0L);
        do
        {
            // Windows that wait are looked at once: one may wait for a window that comes later in the same pass.
            merged = await PassAsync(endedBy, waitFrom, cancellationToken);
            all += merged;
        }
        while (merged > 0);
        return all;
    }

    private async Task<long> PassAsync(long endedBy, long waitFrom, CancellationToken cancellationToken)
    {
        var (merged, after) = (0L, (MergedWindowId?)null);
        while (await store.ReadStaleAsync(endedBy, waitFrom, after, WindowsAtOnce, cancellationToken) is [.., var last] stale)
        {
            var outcomes = await store.WriteAsync(
                [.. stale.Select(window => new WindowMerge(window, MergedStatistics.Of(window.Panes), nextVersion()))], cancellationToken);
            merged += outcomes.Count(outcome => outcome == WriteOutcome.Written);
            after = last.Id;
        }

        return merged;
    }
}
