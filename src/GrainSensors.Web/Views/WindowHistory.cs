using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Storage;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Views;

/// <summary>The windows of one sensor, as the store has them or pooled to longer ones by the store.</summary>
internal sealed class WindowHistory(IStore store, IOptions<IngestOptions> ingest)
{
    /// <summary>Windows that are read from the store at once, at least; where windows are sparse the stretch grows.</summary>
    private const int Stretch = 512;

    /// <summary>The period of what the store has.</summary>
    public Period Period => ingest.Value.Period;

    /// <summary>Lengths that people ask for, those of them that can be made of what the store has.</summary>
    public IReadOnlyList<Period> Periods =>
        [.. new[] { Period, Period.FromSeconds(3600), Period.FromSeconds(86_400) }.Where(CanPool).Distinct().Order()];

    /// <returns>Whether windows of this length are made of whole windows of the store.</returns>
    public bool CanPool(Period period) => period.TotalSeconds % Period.TotalSeconds == 0;

    /// <param name="from">Least start, inclusive, µs since the epoch.</param>
    /// <param name="to">Greatest start, exclusive, µs since the epoch.</param>
    /// <param name="period">One that can be pooled.</param>
    /// <param name="limit">At most so many.</param>
    /// <returns>Windows by start, those without readings left out, and where the rest begins; null: there is no more.</returns>
    public async Task<(IReadOnlyList<SensorWindow> Windows, long? Next)> ReadAsync(
        int sensorId, long from, long to, Period period, int limit, CancellationToken cancellationToken)
    {
        var windows = new List<SensorWindow>();
        var length = period.TotalMicros;
        var at = period.StartOf(from + length - 1);
        for (var stretch = (long)Math.Max(limit, Stretch); at < to; stretch *= 8)
        {
            // What has no end in sight, such as all of time, must not overflow.
            var end = (to - at) / length > stretch ? at + (stretch * length) : to;
            var found = await ReadStretchAsync(sensorId, at, end, period, cancellationToken);
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

    private async Task<IEnumerable<SensorWindow>> ReadStretchAsync(int sensorId, long from, long to, Period period, CancellationToken cancellationToken)
    {
        // A window belongs to the longer one that it begins in, so the last of those is read to its end.
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

/// <summary>A window of one sensor with all of its metrics.</summary>
/// <param name="start">Inclusive, µs since the epoch.</param>
/// <param name="end">Exclusive, µs since the epoch.</param>
internal sealed class SensorWindow(long start, long end)
{
    private readonly SortedDictionary<string, RunningStatistics> _metrics = new(StringComparer.Ordinal);

    public long Start => start;

    public long End => end;

    /// <summary>By the name of the measurement.</summary>
    public IReadOnlyDictionary<string, RunningStatistics> Metrics => _metrics;

    /// <summary>The highest of the rows that are in it.</summary>
    public int Revision { get; private set; }

    /// <summary>All rows in it are.</summary>
    public bool IsFinal { get; private set; } = true;

    public void Add(string metric, RunningStatistics statistics, int revision, bool isFinal)
    {
        _metrics[metric] = statistics;
        Revision = Math.Max(Revision, revision);
        IsFinal &= isFinal;
    }
}
