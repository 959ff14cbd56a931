using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Storage;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Views;

/// <summary>Reads the windows of one sensor, as stored or merged by the store into longer windows.</summary>
internal sealed class WindowHistory(IStore store, IOptions<IngestOptions> ingest)
{
    /// <summary>Smallest number of window slots of one read. The number grows while the slots have few windows.</summary>
    private const int MinSlots = 512;

    /// <summary>Size of the stored windows.</summary>
    public Period Period => ingest.Value.Period;

    /// <summary>The sizes that the console offers: the stored size, an hour and a day, if stored windows fit into them.</summary>
    public IReadOnlyList<Period> Periods =>
        [.. new[] { Period, Period.FromSeconds(3600), Period.FromSeconds(86_400) }.Where(CanPool).Distinct().Order()];

    /// <returns>Whether a window of this size consists of whole stored windows.</returns>
    public bool CanPool(Period period) => period.TotalSeconds % Period.TotalSeconds == 0;

    /// <param name="from">Earliest start, inclusive, µs since the epoch.</param>
    /// <param name="to">Latest start, exclusive, µs since the epoch.</param>
    /// <param name="period">A size for which <see cref="CanPool"/> is true.</param>
    /// <param name="limit">Maximum number of windows.</param>
    /// <returns>Windows with readings by start, and the start of the next page; null: this page is the last one.</returns>
    public async Task<(IReadOnlyList<SensorWindow> Windows, long? Next)> ReadAsync(
        int sensorId, long from, long to, Period period, int limit, CancellationToken cancellationToken)
    {
        var windows = new List<SensorWindow>();
        var length = period.TotalMicros;
        var at = period.StartOf(from + length - 1);
        for (var slots = (long)Math.Max(limit, MinSlots); at < to; slots *= 8)
        {
            // The comparison comes before the product, which would overflow for a range such as all of time.
            var end = (to - at) / length > slots ? at + (slots * length) : to;
            var found = await ReadRangeAsync(sensorId, at, end, period, cancellationToken);
            windows.AddRange(found.Take(limit - windows.Count));
            if (windows.Count == limit)
            {
                var next = windows[^1].Start + length;
                return (windows, next < to ? next : null);
            }

            at = end;
        }

        return (windows, null);
    }

    private async Task<IEnumerable<SensorWindow>> ReadRangeAsync(
        int sensorId, long from, long to, Period period, CancellationToken cancellationToken)
    {
        // A stored window belongs to the longer window that it starts in, so the last longer window is read to its end.
        var end = period.StartOf(to - 1) + period.TotalMicros;
        var byStart = new SortedDictionary<long, SensorWindow>();
        if (period == Period)
        {
            await foreach (var row in store.QueryAsync(new(from, end, [sensorId], Period), cancellationToken))
            {
                Of(row.Key.Start).Add(row.Key.Measurement, row.Statistics, row.Revision, row.IsFinal);
            }
        }
        else
        {
            foreach (var pooled in await store.PoolAsync(new(sensorId, from, end, Period, period), cancellationToken))
            {
                Of(pooled.Start).Add(pooled.Measurement, pooled.Statistics, pooled.Revision, pooled.IsFinal);
            }
        }

        return byStart.Values;

        SensorWindow Of(long start)
        {
            if (!byStart.TryGetValue(start, out var window))
            {
                byStart.Add(start, window = new(start, start + period.TotalMicros));
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

    /// <summary>True: all of its rows are final.</summary>
    public bool IsFinal { get; private set; } = true;

    public void Add(string measurement, RunningStatistics statistics, int revision, bool isFinal)
    {
        _measurements[measurement] = statistics;
        Revision = Math.Max(Revision, revision);
        IsFinal &= isFinal;
    }
}
