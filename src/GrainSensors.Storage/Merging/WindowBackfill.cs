using System.Runtime.CompilerServices;
using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Merging;

/// <summary>
/// Merges the windows of a longer period that started before it was configured, as far as their panes are stored. Silos may run, and a
/// backfill that ends at any point can be repeated.
/// </summary>
/// <remarks>
/// The first start of the period is lowered before the first window is marked: a pane that is written later makes its window stale, and a
/// pane that was written before is read by the merge.
/// </remarks>
/// <param name="options">Their retention tells which panes may have been deleted.</param>
/// <param name="grace">How long after its end a window is merged.</param>
public sealed class WindowBackfill(
    IBackfillStore backfill, IMergedWindowStore merged, WindowStoreOptions options, TimeSpan grace, TimeProvider clock)
{
    /// <summary>Each window may have thousands of panes.</summary>
    private const int WindowsAtOnce = 1000;

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly WindowMerger _merger = new(merged, Random.Shared.NextInt64);

    /// <param name="longer">One of <see cref="IBackfillStore.ReadPeriodsAsync"/>.</param>
    /// <param name="from">Earliest start, µs since the epoch; null: that of the first window with all of its panes.</param>
    /// <param name="to">Latest start, exclusive; null: now.</param>
    /// <param name="dryRun">True: nothing changes.</param>
    public async Task<BackfillResult> RunAsync(
        LongerPeriod longer, long? from, long? to, bool dryRun, CancellationToken cancellationToken)
    {
        // The merges of this process make the windows over them stale.
        await merged.ReadPeriodsAsync(cancellationToken);
        var now = EpochTime.Now(clock);
        var retention = options.RetentionOf(longer.Source.ToString());
        var reach = await backfill.ReadReachAsync(
            longer, retention == Timeout.InfiniteTimeSpan ? EpochTime.Min : now - EpochTime.From(retention), cancellationToken);
        var end = Math.Min(to ?? now, now);
        var unreached = from < reach.From ? CountStarts(longer.Period, from.Value, Math.Min(reach.From, end)) : 0;
        if (reach.FirstPane is not { } pane)
        {
            return new(reach, null, 0, 0, unreached);
        }

        // Without a pane before, an earlier window has all of its panes, too: those of which it is a pane itself need not wait for it.
        var begin = Math.Max(from ?? EpochTime.Min, reach.From);
        begin = begin == EpochTime.Min ? begin : longer.Period.FirstAt(begin);
        var first = Math.Max(begin, longer.Period.StartsOver(pane).First());
        if (!dryRun && first < end)
        {
            await backfill.BeginAsync(longer, begin, first, cancellationToken);
        }

        var (found, filled) = (0L, 0L);
        var endedBy = await _merger.EndedByAsync(now, grace, cancellationToken);
        await foreach (var missing in FindAsync(longer, first, end, cancellationToken).Chunk(WindowsAtOnce))
        {
            found += missing.Length;
            filled += dryRun ? 0 : await MergeAsync(missing, endedBy, cancellationToken);
        }

        return new(reach, first, found, filled, unreached);
    }

    private async IAsyncEnumerable<MergedWindowId> FindAsync(
        LongerPeriod longer, long first, long end, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var start = first; start < end; start = longer.Period.FirstAt(start + 1))
        {
            foreach (var window in await backfill.FindMissingAsync(longer, start, cancellationToken))
            {
                yield return window;
            }
        }
    }

    /// <returns>How many of the windows are merged. The pipeline merges the others when they have ended and are closed.</returns>
    private async Task<long> MergeAsync(MergedWindowId[] missing, long endedBy, CancellationToken cancellationToken)
    {
        var ended = (await merged.MarkStaleAsync(missing, cancellationToken)).Where(window => window.End <= endedBy).ToList();
        while (ended.Count > 0)
        {
            var ran = await merged.TryRunAsync(
                () => _merger.MergeAsync(endedBy, EpochTime.Min, cancellationToken), cancellationToken);
            var rows = await merged.ReadAsync(ended, cancellationToken);
            var count = rows.Count(row => row is { IsFinal: true, IsStale: false });
            if (ran || count == ended.Count)
            {
                return count;
            }

            // A silo merges.
            await Task.Delay(PollInterval, clock, cancellationToken);
        }

        return 0;
    }

    private static long CountStarts(WindowPeriod period, long from, long to)
    {
        var (first, count) = (period.FirstAt(from), 0L);
        if (period.Calendar is null)
        {
            return Math.Max(0, (to - first + period.Hop.TotalMicros - 1) / period.Hop.TotalMicros);
        }

        for (var start = first; start < to; start = period.EndOf(start))
        {
            count++;
        }

        return count;
    }
}

/// <summary>The result of a backfill.</summary>
/// <param name="First">The start of the first window that can be merged; null: no pane is stored.</param>
/// <param name="Found">The windows of sensors that had no row.</param>
/// <param name="Merged">How many of them are merged.</param>
/// <param name="Unreached">The starts that were asked for and cannot be merged.</param>
public sealed record BackfillResult(BackfillReach Reach, long? First, long Found, long Merged, long Unreached);
