using GrainSensors.Core.Merging;
using GrainSensors.Storage;
using GrainSensors.Storage.Merging;

namespace GrainSensors.Reconciliation.Comparison;

/// <summary>
/// Compares merged windows with a merge of their panes. Those that differ become stale, so that the pipeline merges them again.
/// </summary>
public sealed class LongerWindowCheck(IStore store)
{
    private const int WindowsAtOnce = 50;

    /// <param name="sensorIds">Null: all sensors.</param>
    /// <param name="from">The first time that the windows contain, µs since the epoch.</param>
    /// <param name="to">Latest start, exclusive.</param>
    /// <param name="dryRun">True: nothing changes.</param>
    public async Task<LongerWindowsResult> RunAsync(
        IReadOnlyList<int>? sensorIds, long from, long to, bool dryRun, CancellationToken cancellationToken)
    {
        var result = new LongerWindowsResult(0, [], 0);
        foreach (var longer in (await store.MergedWindows.ReadPeriodsAsync(cancellationToken)).All)
        {
            // Panes of earlier windows may have been deleted.
            var first = Math.Max(longer.Period.StartsOver(from).First(), longer.PanesFrom);
            var windows = store.MergedWindows.QueryAsync(sensorIds, longer.Period, first, to, cancellationToken)
                .Where(window => !window.IsStale && window.Source.Equals(longer.Source));
            await foreach (var chunk in windows.Chunk(WindowsAtOnce).WithCancellation(cancellationToken))
            {
                result = await CompareAsync(chunk, result, dryRun, cancellationToken);
            }
        }

        return result;
    }

    private async Task<LongerWindowsResult> CompareAsync(
        MergedWindow[] stored, LongerWindowsResult result, bool dryRun, CancellationToken cancellationToken)
    {
        // They are read once more with their panes, so one that changes meanwhile is compared as it was at one time.
        var ids = Array.ConvertAll(stored, window => window.Id);
        var merges = await store.MergedWindows.ReadMergedAsync(ids, cancellationToken);
        var rows = (await store.MergedWindows.ReadAsync(ids, cancellationToken)).ToDictionary(window => window.Id);
        var differing = merges.Where(merge => rows.GetValueOrDefault(merge.Id) is { } row && row.RowVersion == merge.RowVersion
            && !IsSame(MergedStatistics.Of(merge.Panes), row.Statistics)).Select(merge => merge.Id).ToList();
        var marked = differing.Count > 0 && !dryRun
            ? (await store.MergedWindows.MarkStaleAsync(differing, cancellationToken)).Count
            : 0;
        return new(result.Compared + merges.Count, [.. result.Differing, .. differing], result.Marked + marked);
    }

    private static bool IsSame(MergedStatistics merged, MergedStatistics stored)
    {
        var found = stored.Measurements.ToDictionary(measured => measured.Measurement);
        return merged.HasValuesOf(stored) && merged.Measurements.All(measured =>
            measured.Edges == found[measured.Measurement].Edges
            && (measured.Sketch?.ToBytes() is not { } sketch
                || found[measured.Measurement].Sketch?.ToBytes().AsSpan().SequenceEqual(sketch) == true));
    }
}

/// <summary>Merged windows that were compared.</summary>
/// <param name="Differing">Those that were not the merge of their panes.</param>
/// <param name="Marked">How many of these are merged again.</param>
public sealed record LongerWindowsResult(long Compared, IReadOnlyList<MergedWindowId> Differing, long Marked);
