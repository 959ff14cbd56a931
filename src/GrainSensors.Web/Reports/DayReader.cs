using GrainSensors.Core.Merging;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Sensors;
using GrainSensors.Web.Charts;

namespace GrainSensors.Web.Reports;

/// <summary>Computes a daily report from the windows of one period. Hours and the day are merged windows, so every mean is exact.</summary>
/// <param name="measurements">The declared measurements, which have units.</param>
/// <param name="now">µs since the epoch; the time after it counts neither as missing nor as silent.</param>
/// <param name="every">Interval at which a sensor is expected to report; null: its usual one.</param>
internal sealed class DayReader(IStore store, MeasurementSet measurements, Period period, LocalDay day, long now, TimeSpan? every)
{
    public const long DayMicros = 86_400 * EpochTime.MicrosPerSecond;

    /// <summary>Cleared alerts are read from this long before the day; open alerts are read regardless of their age.</summary>
    private const long AlertsFrom = 7 * DayMicros;

    /// <summary>End of the day, or the present time within it.</summary>
    private long End => Math.Min(day.To, Math.Max(now, day.From));

    /// <param name="sensorIds">Null: all sensors with readings, a registration or alerts.</param>
    public async Task<List<SensorDay>> ReadAsync(IReadOnlyList<int>? sensorIds, CancellationToken cancellationToken)
    {
        var known = sensorIds is null
            ? store.Sensors.ReadAllAsync(null, cancellationToken)
            : (await store.Sensors.FindAsync([.. sensorIds], cancellationToken)).ToAsyncEnumerable();
        var registered = await known.ToDictionaryAsync(sensor => sensor.SensorId, cancellationToken: cancellationToken);
        var alerts = (await AlertsAsync(sensorIds ?? [], cancellationToken)).ToLookup(alert => alert.Alert.SensorId);
        var days = new Dictionary<int, SensorDay>();
        var countsOf = new Dictionary<int, Dictionary<long, long>>();
        var rows = new List<WindowRow>();
        await foreach (var row in store.QueryPeriodAsync(new(day.From, day.To, sensorIds, period, WithDetails: true), cancellationToken))
        {
            if (rows.Count > 0 && rows[0].Key.SensorId != row.Key.SensorId)
            {
                Finish();
            }

            rows.Add(row);
        }

        if (rows.Count > 0)
        {
            Finish();
        }

        // A sensor that failed the day before has no window in this one, and matters most to the reader.
        var others = registered.Keys.Concat(alerts.Select(ofSensor => ofSensor.Key)).Distinct();
        foreach (var sensor in others.Where(id => !days.ContainsKey(id) && sensorIds?.Contains(id) != false))
        {
            days.Add(sensor, Day(sensor, []));
        }

        var earlier = await ReportedEarlierAsync(countsOf, alerts, cancellationToken);
        var whole = days.Values.Select(sensor => WithGaps(sensor, countsOf[sensor.SensorId], earlier.Contains(sensor.SensorId)));
        return await NamedAsync(whole, days.Keys, cancellationToken);

        void Finish()
        {
            days.Add(rows[0].Key.SensorId, Day(rows[0].Key.SensorId, rows));
            rows.Clear();
        }

        SensorDay Day(int sensor, List<WindowRow> windows)
        {
            var entry = registered.GetValueOrDefault(sensor);
            var counts = countsOf[sensor] = Counts(windows);
            return new(
                sensor, entry?.City, entry?.Station, counts.Values.Sum(), 0, TimeSpan.Zero,
                [.. windows.GroupBy(row => row.Key.Measurement).Select(Measurement)], [.. alerts[sensor]]);
        }
    }

    /// <returns>The days with the names of their sensors, in the order of these.</returns>
    private async Task<List<SensorDay>> NamedAsync(
        IEnumerable<SensorDay> days, IEnumerable<int> sensorIds, CancellationToken cancellationToken)
    {
        var names = await store.Names.NamesAmongAsync(sensorIds, cancellationToken);
        var named = days.Select(sensor => sensor with { Name = SensorRef.Of(sensor.SensorId, names).Name }).ToList();
        named.Sort(static (a, b) => SensorRef.Compare(a.Sensor, b.Sensor));
        return named;
    }

    /// <param name="hasReportedEarlier">Whether the sensor has reported before the day; else readings are missed from its first on.</param>
    private SensorDay WithGaps(SensorDay sensor, Dictionary<long, long> counts, bool hasReportedEarlier)
    {
        var begin = hasReportedEarlier ? day.From : counts.Keys.DefaultIfEmpty(End).Min();
        return sensor with { Missing = Missing(counts, begin), Silent = Silent(counts, begin) };
    }

    /// <returns>The sensors without a window at the start of the day that have reported before it.</returns>
    private async Task<HashSet<int>> ReportedEarlierAsync(
        Dictionary<int, Dictionary<long, long>> countsOf, ILookup<int, AlertDay> alerts, CancellationToken cancellationToken)
    {
        var first = WindowStarts(day.From).FirstOrDefault();
        var late = countsOf.Where(counts => !counts.Value.ContainsKey(first)).Select(counts => counts.Key);
        var (known, unknown) = (new HashSet<int>(), new List<int>());
        foreach (var sensor in late)
        {
            // Retention may have deleted its windows.
            if (alerts[sensor].Any(alert => alert.Alert.LastReadingAt < day.From))
            {
                known.Add(sensor);
            }
            else
            {
                unknown.Add(sensor);
            }
        }

        known.UnionWith(unknown.Count == 0 ? new HashSet<int>() : await store.FindReportedAsync(unknown, day.From, cancellationToken));
        return known;
    }

    private MeasurementDay Measurement(IGrouping<string, WindowRow> rows)
    {
        var hours = new RunningStatistics[24];
        var (points, all) = (new List<ChartPoint>(), new MergedMeasurement());
        foreach (var row in rows)
        {
            var hour = day.HourAt(row.Key.Start);
            hours[hour] = hours[hour].Merge(row.Statistics);
            all.Add(row.Measured);
            var readings = row.Statistics;
            points.Add(new(row.Key.Start, row.Key.End, readings.Count, readings.Mean, readings.Min, readings.Max, row.IsFinal));
        }

        return new(rows.Key, all.Statistics, hours, points)
        {
            Unit = measurements.UnitOf(rows.Key),
            P50 = all.Quantile(0.5),
            P95 = all.Quantile(0.95),
        };
    }

    /// <summary>Readings by the start of their window: the greatest count of its measurements, as a reading may lack some.</summary>
    private static Dictionary<long, long> Counts(List<WindowRow> rows)
    {
        var counts = new Dictionary<long, long>();
        foreach (var row in rows)
        {
            counts[row.Key.Start] = Math.Max(counts.GetValueOrDefault(row.Key.Start), row.Statistics.Count);
        }

        return counts;
    }

    /// <param name="begin">The time from which readings are expected, µs since the epoch.</param>
    private long Missing(Dictionary<long, long> counts, long begin)
    {
        if (every is { } interval)
        {
            return Math.Max(0, ((End - begin) / EpochTime.From(interval)) - counts.Values.Sum());
        }

        if (counts.Count == 0)
        {
            return 0;
        }

        // The median: gaps do not lower it as long as they are less than half of the windows.
        var usual = counts.Values.Order().ElementAt(counts.Count / 2);
        return WindowStarts(begin).Sum(start => Math.Max(0, usual - counts.GetValueOrDefault(start)));
    }

    /// <inheritdoc cref="Missing"/>
    private TimeSpan Silent(Dictionary<long, long> counts, long begin) =>
        EpochTime.ToTimeSpan(WindowStarts(begin).Where(start => !counts.ContainsKey(start)).Sum(_ => period.TotalMicros));

    /// <summary>Starts of the windows of the day from a time on that have ended by now.</summary>
    private IEnumerable<long> WindowStarts(long begin)
    {
        for (var start = period.StartOf(begin + period.TotalMicros - 1); start + period.TotalMicros <= End; start += period.TotalMicros)
        {
            yield return start;
        }
    }

    /// <returns>The alerts of the day in the order of their raising.</returns>
    private async Task<List<AlertDay>> AlertsAsync(IReadOnlyList<int> sensorIds, CancellationToken cancellationToken)
    {
        var recent = await AllAsync(new() { SensorIds = sensorIds, From = day.From - AlertsFrom, To = day.To }, cancellationToken);
        var old = await AllAsync(
            new() { SensorIds = sensorIds, To = day.From - AlertsFrom, Statuses = [AlertStatus.Raised, AlertStatus.Acknowledged] },
            cancellationToken);
        var ofDay = recent.Where(alert => alert.RaisedAt >= day.From || alert.ClearedAt is null || alert.ClearedAt >= day.From);
        var days = new List<AlertDay>();
        foreach (var alerts in old.Concat(ofDay).OrderBy(alert => alert.RaisedAt).Chunk(AlertQuery.MaxLimit))
        {
            var query = new AlertIntervalQuery([.. alerts.Select(alert => alert.Id)]) { From = day.From, To = End, Limit = int.MaxValue };
            var intervals = (await store.Alerts.ReadIntervalsAsync(query, cancellationToken)).ToLookup(interval => interval.AlertId);
            days.AddRange(alerts.Select(alert => Day(alert, intervals[alert.Id])));
        }

        return days;
    }

    private AlertDay Day(Alert alert, IEnumerable<AlertInterval> intervals)
    {
        var ended = intervals.Select(interval => interval with { ClearedAt = interval.ClearedAt ?? End }).ToList();
        var sum = ended.Sum(interval => Math.Min(interval.ClearedAt!.Value, End) - Math.Max(interval.RaisedAt, day.From));
        return new(alert, ended, EpochTime.ToTimeSpan(sum));
    }

    private async Task<List<Alert>> AllAsync(AlertQuery query, CancellationToken cancellationToken)
    {
        var alerts = new List<Alert>();
        IReadOnlyList<Alert> page;
        do
        {
            AlertCursor? after = alerts.Count == 0 ? null : AlertCursor.Of(alerts[^1]);
            page = await store.Alerts.QueryAsync(query with { Limit = AlertQuery.MaxLimit, After = after }, cancellationToken);
            alerts.AddRange(page);
        }
        while (page.Count == AlertQuery.MaxLimit);

        return alerts;
    }
}
