using System.Runtime.CompilerServices;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Views;

/// <summary>Reads the windows of one sensor, as stored or merged into longer windows.</summary>
internal sealed class WindowHistory(
    IStore store, PeriodSettings periods, IOptions<ReadingOptions> readings, TimeProvider clock)
{
    /// <summary>Smallest number of window slots of one read. The number grows while the slots have few windows.</summary>
    private const int MinSlots = 512;

    /// <summary>The period of the windows if none is asked for.</summary>
    public Period Period => periods.Contract;

    /// <summary>The shortest period, of whose windows all others consist.</summary>
    public Period Pane => periods.Pane;

    /// <summary>
    /// The periods that the console offers: the stored ones, an hour, a day, and the days and months of a time zone, if stored windows fit
    /// into them.
    /// </summary>
    /// <param name="zone">Null: none.</param>
    public IEnumerable<WindowPeriod> PeriodsFor(string? zone)
    {
        string[] local = string.IsNullOrEmpty(zone) ? [] : [$"P1D@{zone}", $"P1M@{zone}"];
        var plain = new[] { Pane, Period.FromSeconds(3600), Period.FromSeconds(86_400) }.Select(period => new WindowPeriod(period));
        return plain.Where(period => FindBoundaryWithin(period) is null).Concat(periods.Longer.All.Select(longer => longer.Period))
            .Concat(local.Select(Find).OfType<WindowPeriod>()).Distinct().OrderBy(period => period.Size.TotalSeconds);
    }

    /// <returns>The period; null: the text is none, or stored windows do not fit into its windows.</returns>
    public WindowPeriod? Find(string? text) =>
        WindowPeriod.TryParse(text, out _) is { } period && FindBoundaryWithin(period) is null ? period : null;

    /// <param name="from">The first time that matters, µs since the epoch; no earlier one than the earliest of readings does.</param>
    /// <param name="to">The last one, exclusive.</param>
    /// <returns>
    /// The start of a window that begins within a stored one, µs since the epoch; null: every window consists of whole stored ones.
    /// </returns>
    public long? FindBoundaryWithin(WindowPeriod period, long from = EpochTime.Min, long to = EpochTime.Max) =>
        period.FindBoundaryWithin(Pane, Math.Max(from, EpochTime.From(readings.Value.Earliest)), to);

    /// <param name="query">Its period is one for which <see cref="FindBoundaryWithin"/> is null.</param>
    /// <param name="from">Earliest start, inclusive, µs since the epoch.</param>
    /// <param name="to">Latest start, exclusive, µs since the epoch.</param>
    /// <param name="limit">Maximum number of windows.</param>
    /// <returns>Windows with readings by start, and the start of the next page; null: this page is the last one.</returns>
    public async Task<(IReadOnlyList<SensorWindow> Windows, long? Next)> ReadAsync(
        HistoryQuery query, long from, long to, int limit, CancellationToken cancellationToken)
    {
        var period = query.Period;
        var windows = new List<SensorWindow>();
        var at = period.FirstAt(from);

        // Merging takes most where windows overlap, so no more windows are read than are wanted.
        var first = period.Plain is null ? limit : Math.Max(limit, MinSlots);
        for (long slots = first; at < to; slots *= 8)
        {
            if (period.Plain is null && slots > first)
            {
                (at, slots) = (await NextAsync(query, at, to, first, cancellationToken), first);
            }

            var (source, until) = SourceOf(period, at);
            var end = Math.Min(EndOf(at, to, period, slots), until);
            var found = at < to ? await ReadRangeAsync(query, at, end, source, cancellationToken) : [];
            windows.AddRange(found.Take(limit - windows.Count));
            if (windows.Count == limit)
            {
                var next = period.FirstAt(windows[^1].Start + 1);
                return (windows, next < to ? next : null);
            }

            at = end;
        }

        return (windows, null);
    }

    /// <returns>The end of so many starts, or of the range. The comparison comes before the product, which would overflow.</returns>
    private static long EndOf(long at, long to, WindowPeriod period, long slots)
    {
        var hop = period.Hop.TotalMicros;
        return at < to && (to - at) / hop > slots ? period.FirstAt(at + (slots * hop)) : to;
    }

    /// <returns>The first start from a time on whose window has a stored one; the end of the range if none has.</returns>
    private async Task<long> NextAsync(HistoryQuery query, long from, long to, long slots, CancellationToken cancellationToken)
    {
        var period = query.Period;
        for (var at = from; at < to; slots *= 8)
        {
            var (source, until) = SourceOf(period, at);
            var end = Math.Min(EndOf(at, to, period, slots), until);
            var last = end == to ? LastEnd(end, period) : end;
            var first = long.MaxValue;
            await foreach (var pane in PanesAsync(query with { WithDetails = false }, source, at, last, cancellationToken))
            {
                first = Math.Min(first, Math.Max(from, period.StartsOver(pane.Start).First()));
            }

            await foreach (var window in StoredAsync(query, at, end, cancellationToken))
            {
                first = Math.Min(first, window.Id.Start);
            }

            if (first < long.MaxValue)
            {
                return first;
            }

            at = end;
        }

        return to;
    }

    /// <summary>A stored window belongs to the longer windows that it starts in, so the last longer window is read to its end.</summary>
    private static long LastEnd(long to, WindowPeriod period) => period.EndOf(period.StartsOver(to - 1).Last());

    /// <returns>The stored windows to merge, and the first start from which on there are shorter ones.</returns>
    private (WindowPeriod Source, long Until) SourceOf(WindowPeriod period, long at)
    {
        var (source, until) = periods.SourceAt(
            source => source.Equals(period) || (source.Size < period.Size
                && (source.Calendar is null ? period.FindBoundaryWithin(source.Size) : period.FindBoundaryWithin(source)) is null),
            at,
            EpochTime.Now(clock),
            StoredSince);
        return (source, until == long.MaxValue ? until : Math.Max(at + 1, period.FirstAt(until)));
    }

    /// <summary>Before the change to several periods, readings were counted in windows of the contract.</summary>
    private long StoredSince(WindowPeriod period) => period.Plain != Pane ? EpochTime.Min : store.MergedWindows.Periods.All
        .Where(longer => longer.Period.Plain == Period).Select(longer => longer.From).DefaultIfEmpty(EpochTime.Min).Max();

    private IAsyncEnumerable<MergedWindow> StoredAsync(HistoryQuery query, long from, long to, CancellationToken cancellationToken) =>
        periods.Longer.All.Any(longer => longer.Period.Equals(query.Period))
            ? store.MergedWindows.QueryAsync([query.SensorId], query.Period, from, to, cancellationToken)
            : AsyncEnumerable.Empty<MergedWindow>();

    private async Task<IEnumerable<SensorWindow>> ReadRangeAsync(
        HistoryQuery query, long from, long to, WindowPeriod source, CancellationToken cancellationToken)
    {
        var period = query.Period;
        var end = LastEnd(to, period);
        var byStart = new SortedDictionary<long, SensorWindow>();
        if (period.Plain is { } plain && plain != Pane && source.Plain == Pane && !query.WithDetails)
        {
            foreach (var pooled in await store.PoolAsync(new(query.SensorId, from, end, Pane, plain), cancellationToken))
            {
                Of(pooled.Start).Add(new(pooled.Measurement, pooled.Statistics), pooled.Revision, pooled.IsFinal);
            }
        }
        else
        {
            await foreach (var pane in PanesAsync(query, source, from, end, cancellationToken))
            {
                cancellationToken.ThrowIfCancellationRequested();
                foreach (var start in period.StartsOver(pane.Start).Where(start => start >= from && start < to))
                {
                    Of(start).Add(pane.Measured, pane.Revision, pane.IsFinal);
                }
            }
        }

        await ReplaceAsync(byStart, query, from, to, cancellationToken);

        return byStart.Values;

        SensorWindow Of(long start)
        {
            if (!byStart.TryGetValue(start, out var window))
            {
                // One of several stored windows that has not ended may get more of them.
                byStart.Add(start, window = new(start, period.EndOf(start))
                {
                    IsFinal = period.Plain == Pane || period.EndOf(start) <= EpochTime.Now(clock),
                });
            }

            return window;
        }
    }

    /// <summary>Puts the windows of the period that are stored in place of those that were merged here.</summary>
    private async Task ReplaceAsync(
        SortedDictionary<long, SensorWindow> byStart, HistoryQuery query, long from, long to, CancellationToken cancellationToken)
    {
        await foreach (var window in StoredAsync(query, from, to, cancellationToken))
        {
            // The panes of a stale window are kept, and newer than it.
            if (window.Statistics.Measurements.Count > 0 && (!window.IsStale || !byStart.ContainsKey(window.Id.Start)))
            {
                var stored = byStart[window.Id.Start] = new(window.Id.Start, window.Id.End);
                foreach (var measured in window.Statistics.Measurements)
                {
                    stored.Add(measured, window.Revision, window.IsFinal);
                }
            }
        }
    }

    private async IAsyncEnumerable<(long Start, MeasuredStatistics Measured, int Revision, bool IsFinal)> PanesAsync(
        HistoryQuery wanted, WindowPeriod source, long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (source.Plain is { } plain)
        {
            var query = new WindowQuery(from, to, [wanted.SensorId], plain, wanted.WithDetails);
            await foreach (var row in plain == Pane
                ? store.QueryAsync(query, cancellationToken)
                : store.QueryPeriodAsync(query, cancellationToken))
            {
                yield return (row.Key.Start, row.Measured, row.Revision, row.IsFinal);
            }
        }
        else
        {
            await foreach (var window in store.MergedWindows.QueryAsync([wanted.SensorId], source, from, to, cancellationToken))
            {
                foreach (var measured in window.Statistics.Measurements)
                {
                    yield return (window.Id.Start, measured, window.Revision, window.IsFinal);
                }
            }
        }
    }
}

/// <summary>Which windows of a sensor to read.</summary>
/// <param name="WithDetails">Whether they have sketches, for percentiles, and edges.</param>
internal sealed record HistoryQuery(int SensorId, WindowPeriod Period, bool WithDetails = false);
