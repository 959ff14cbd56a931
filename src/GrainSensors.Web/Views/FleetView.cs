using GrainSensors.Contracts.Cluster;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Status;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Storage;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace GrainSensors.Web.Views;

/// <summary>
/// The sensors of all silos, put together once a second. A sensor's latest reading comes from the silo that has taken it;
/// no grain of a sensor or a window is ever asked, for that would activate it.
/// </summary>
internal sealed class FleetView(
    IGrainFactory grains,
    SiloStatusClient silos,
    IClusterMembershipService membership,
    IStore store,
    AlertView alerts,
    MeasurementSet measurements,
    IOptions<IngestOptions> ingest,
    IOptions<ClusterOptions> cluster,
    TimeProvider clock) : OnDemandView<FleetSnapshot>(Interval, clock)
{
    private const int RatesKept = 120;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>A silo that died a moment ago does not answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Who asks first is told when readings have come, or after so long.</summary>
    private static readonly TimeSpan FirstReadings = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan RegistryInterval = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<int, SensorTrack> _tracks = [];
    private readonly string[] _metrics = [.. measurements.All.Select(m => m.Name)];
    private readonly long _silentAfter = new SilenceRule().Timeout;
    private readonly List<double> _rates = [];
    private long _started;
    private long _registryReadAt;
    private (long Readings, long At)? _last;

    public FleetSnapshot Current { get; private set; } =
        new(0, [.. measurements.All.Select(m => m.Name)], [], default, [], null, null);

    protected override bool IsReady =>
        Array.Exists(Current.Sensors, sensor => sensor.LastAt is not null) || Clock.GetElapsedTime(_started) > FirstReadings;

    /// <returns>What the sensor has reported in the last minute, a value a second, the latest last.</returns>
    public float[] TrendOf(int sensorId, int measurement)
    {
        lock (_gate)
        {
            return _tracks.TryGetValue(sensorId, out var track) ? track.Trend(measurement) : [];
        }
    }

    protected override async Task<FleetSnapshot?> LookAsync(bool isFirst, CancellationToken cancellationToken)
    {
        if (isFirst)
        {
            Begin();
            await SeedAsync(cancellationToken);
        }

        if (_registryReadAt == 0 || Clock.GetElapsedTime(_registryReadAt) > RegistryInterval)
        {
            await ReadRegistryAsync(cancellationToken);
        }

        await alerts.ReadyAsync(cancellationToken);
        var reports = await grains.GetGrain<IClusterStatusGrain>(0).GetReports().WaitAsync(cancellationToken);
        await ReadLatestAsync(cancellationToken);
        return Current = Take(reports);
    }

    private void Begin()
    {
        lock (_gate)
        {
            _tracks.Clear();
        }

        _rates.Clear();
        _last = null;
        _registryReadAt = 0;
        _started = Clock.GetTimestamp();
    }

    /// <summary>Sensors that have windows now are known, whether they report in the next seconds or not.</summary>
    private async Task SeedAsync(CancellationToken cancellationToken)
    {
        var period = ingest.Value.Period;
        var from = period.StartOf(EpochTime.Now(Clock)) - period.TotalMicros;
        await foreach (var row in store.QueryAsync(new(from, EpochTime.Max, Period: period), cancellationToken))
        {
            Track(row.Key.SensorId);
        }
    }

    private async Task ReadRegistryAsync(CancellationToken cancellationToken)
    {
        foreach (var sensor in await store.Sensors.ReadAsync(cancellationToken))
        {
            var track = Track(sensor.SensorId);
            (track.City, track.Station) = (sensor.City, sensor.Station);
        }

        _registryReadAt = Clock.GetTimestamp();
    }

    private async Task ReadLatestAsync(CancellationToken cancellationToken)
    {
        var members = membership.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active);
        foreach (var report in await Task.WhenAll(members.Select(member => ReadLatestAsync(member.SiloAddress))))
        {
            lock (_gate)
            {
                for (var i = 0; i < report.SensorIds.Length; i++)
                {
                    Track(report.SensorIds[i]).Take(report.Timestamps[i], report.Values.AsSpan(i * _metrics.Length, _metrics.Length));
                }
            }
        }

        foreach (var open in alerts.OpenBySensor)
        {
            Track(open.Key);
        }
    }

    /// <summary>One that does not answer has nothing to say; the status of the cluster says why.</summary>
    private async Task<LatestReport> ReadLatestAsync(SiloAddress silo)
    {
        try
        {
            return await silos.Of(silo).GetLatest().WaitAsync(Patience, Clock);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            return new([], [], []);
        }
    }

    private SensorTrack Track(int sensorId)
    {
        lock (_gate)
        {
            if (!_tracks.TryGetValue(sensorId, out var track))
            {
                _tracks.Add(sensorId, track = new(sensorId, _metrics.Length));
            }

            return track;
        }
    }

    private FleetSnapshot Take(SiloReport[] reports)
    {
        var now = EpochTime.Now(Clock);
        var hasWatchedLong = Clock.GetElapsedTime(_started) > EpochTime.ToTimeSpan(_silentAfter);
        var open = alerts.OpenBySensor;
        SensorTrack[] tracks;
        lock (_gate)
        {
            tracks = [.. _tracks.Values];
        }

        Array.Sort(tracks, static (a, b) => a.SensorId.CompareTo(b.SensorId));
        var lines = Array.ConvertAll(tracks, track => LineOf(track, open[track.SensorId], now, hasWatchedLong));
        var status = ClusterStatus.From(cluster.Value.ClusterId, store.Description, reports, EpochTime.ToDateTime(now));
        AddRate(reports.Sum(report => report.Ingest.Readings));
        return new(
            now,
            _metrics,
            lines,
            new(
                lines.Length,
                lines.Count(line => line.Condition == SensorCondition.Reporting),
                lines.Count(line => line.Condition is SensorCondition.Silent or SensorCondition.Disconnected),
                lines.Count(line => line.OpenAlerts > 0)),
            [.. _rates],
            status.Partitions.Max(partition => partition.CheckpointAge),
            status);
    }

    private SensorLine LineOf(SensorTrack track, IEnumerable<Storage.Alerts.Alert> open, long now, bool hasWatchedLong)
    {
        var (count, level) = (0, default(AlertLevel?));
        foreach (var alert in open)
        {
            count++;
            level = level is null || alert.Level > level ? alert.Level : level;
        }

        var condition = track.LastAt is not { } at ? hasWatchedLong || level == AlertLevel.Error ? SensorCondition.Silent : SensorCondition.Unknown
            : now - at > _silentAfter ? SensorCondition.Silent
            : double.IsNaN(track.Values[0]) ? SensorCondition.Disconnected
            : SensorCondition.Reporting;
        return new(track.SensorId, condition, track.LastAt, track.Values, count, level, track.City, track.Station);
    }

    private void AddRate(long readings)
    {
        var at = Clock.GetTimestamp();
        if (_last is { } last && readings >= last.Readings)
        {
            _rates.Add((readings - last.Readings) / Clock.GetElapsedTime(last.At, at).TotalSeconds);
            if (_rates.Count > RatesKept)
            {
                _rates.RemoveAt(0);
            }
        }

        _last = (readings, at);
    }
}
