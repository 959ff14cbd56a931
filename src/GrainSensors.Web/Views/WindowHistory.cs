using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Storage;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Views;

/// <summary>Reads the windows of one sensor, as stored or merged into longer windows.</summary>
internal sealed class WindowHistory(
    IStore store, IOptions<IngestOptions> ingest, IOptions<ReadingOptions> readings, TimeProvider clock)
{
    /// <summary>Smallest number of window slots of one read. The number grows while the slots have few windows.</summary>
    private const int MinSlots = 512;

    /// <summary>Size of the stored windows.</summary>
    public Period Period => ingest.Value.Period;

    /// <summary>
    /// The periods that the console offers: the stored one, an hour, a day, and the days and months of a time zone, if stored windows fit
    /// into them.
    /// </summary>
    /// <param name="zone">Null: none.</param>
    public IEnumerable<WindowPeriod> PeriodsFor(string? zone)
    {
        string[] local = string.IsNullOrEmpty(zone) ? [] : [$"P1D@{zone}", $"P1M@{zone}"];
        var plain = new[] { Period, Period.FromSeconds(3600), Period.FromSeconds(86_400) }.Order();
        return plain.Select(period => new WindowPeriod(period)).Where(period => FindBoundaryWithin(period) is null)
            .Concat(local.Select(Find).OfType<WindowPeriod>()).Distinct();
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
        period.FindBoundaryWithin(Period, Math.Max(from, EpochTime.From(readings.Value.Earliest)), to);

    /// <param name="from">Earliest start, inclusive, µs since the epoch.</param>
    /// <param name="to">Latest start, exclusive, µs since the epoch.</param>
    /// <param name="period">A period for which <see cref="FindBoundaryWithin"/> is null.</param>
    /// <param name="limit">Maximum number of windows.</param>
    /// <returns>Windows with readings by start, and the start of the next page; null: this page is the last one.</returns>
    public async Task<(IReadOnlyList<SensorWindow> Windows, long? Next)> ReadAsync(
        int sensorId, long from, long to, WindowPeriod period, int limit, CancellationToken cancellationToken)
    {
        var windows = new List<SensorWindow>();
        var at = period.FirstAt(from);

        // Merging takes most where windows overlap, so no more windows are read than are wanted.
        var first = period.Plain is null ? limit : Math.Max(limit, MinSlots);
        for (long slots = first; at < to; slots *= 8)
        {
            if (period.Plain is null && slots > first)
            {
                (at, slots) = (await NextAsync(sensorId, at, to, period, first, cancellationToken), first);
            }

            var end = EndOf(at, to, period, slots);
            var found = at < to ? await ReadRangeAsync(sensorId, at, end, period, cancellationToken) : [];
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
    private async Task<long> NextAsync(
        int sensorId, long from, long to, WindowPeriod period, long slots, CancellationToken cancellationToken)
    {
        for (var at = from; at < to; slots *= 8)
        {
            var end = EndOf(at, to, period, slots);
            var last = end == to ? LastEnd(end, period) : end;
            var first = long.MaxValue;
            await foreach (var row in store.QueryAsync(new(at, last, [sensorId], Period), cancellationToken))
            {
                first = Math.Min(first, row.Key.Start);
            }

            if (first < long.MaxValue)
            {
                return Math.Max(from, period.StartsOver(first).First());
            }

            at = end;
        }

        return to;
    }

    /// <summary>A stored window belongs to the longer windows that it starts in, so the last longer window is read to its end.</summary>
    private static long LastEnd(long to, WindowPeriod period) => period.EndOf(period.StartsOver(to - 1).Last());

    private async Task<IEnumerable<SensorWindow>> ReadRangeAsync(
        int sensorId, long from, long to, WindowPeriod period, CancellationToken cancellationToken)
    {
        var end = LastEnd(to, period);
        var byStart = new SortedDictionary<long, SensorWindow>();
        if (period.Plain is not { } plain)
        {
            await foreach (var row in store.QueryAsync(new(from, end, [sensorId], Period), cancellationToken))
            {
                cancellationToken.ThrowIfCancellationRequested();
                foreach (var start in period.StartsOver(row.Key.Start).Where(start => start >= from && start < to))
                {
                    Of(start).Add(row.Key.Measurement, row.Statistics, row.Revision, row.IsFinal);
                }
            }
        }
        else if (plain == Period)
        {
            await foreach (var row in store.QueryAsync(new(from, end, [sensorId], Period), cancellationToken))
            {
                Of(row.Key.Start).Add(row.Key.Measurement, row.Statistics, row.Revision, row.IsFinal);
            }
        }
        else
        {
            foreach (var pooled in await store.PoolAsync(new(sensorId, from, end, Period, plain), cancellationToken))
            {
                Of(pooled.Start).Add(pooled.Measurement, pooled.Statistics, pooled.Revision, pooled.IsFinal);
            }
        }

        return byStart.Values;

        SensorWindow Of(long start)
        {
            if (!byStart.TryGetValue(start, out var window))
            {
                // One of several stored windows that has not ended may get more of them.
                byStart.Add(start, window = new(start, period.EndOf(start))
                {
                    IsFinal = period.Plain == Period || period.EndOf(start) <= EpochTime.Now(clock),
                });
            }

            return window;
        }
    }
}

/// <summary>A window of one sensor with all of its measurements.</summary>
/// <param name="start">Inclusive, µs since the epoch.</param>
/// <param name="end">Exclusive, µs since the epoch.</param>
internal sealed class SensorWindow(long start, long end)
{
    private readonly SortedDictionary<string, RunningStatistics> _measurements = new(StringComparer.Ordinal);

    public long Start => start;

    public long End => end;

    /// <summary>Statistics by the name of the measurement.</summary>
    public IReadOnlyDictionary<string, RunningStatistics> Measurements => _measurements;

    /// <summary>The highest revision of its rows.</summary>
    public int Revision { get; private set; }

    /// <summary>True: all of its rows are final, and no further ones are to come.</summary>
    public bool IsFinal { get; set; } = true;

    /// <summary>Adds a row, or merges it with those of the same measurement.</summary>
    public void Add(string measurement, RunningStatistics statistics, int revision, bool isFinal)
    {
        _measurements[measurement] = _measurements.GetValueOrDefault(measurement).Merge(statistics);
        Revision = Math.Max(Revision, revision);
        IsFinal &= isFinal;
    }
}
