using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts;
using GrainSensors.Hosting.Status;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Web.Views;

/// <summary>
/// The sensors of all silos, read once a second. The latest reading of a sensor comes from the silo that ingested it, and at first from
/// the store. The view calls no grain of a sensor or a window, as a call would activate the grain.
/// </summary>
internal sealed class FleetView(
    SiloStatusClient silos,
    IClusterMembershipService membership,
    IStore store,
    AlertView alerts,
    ClusterView cluster,
    MeasurementSet measurements,
    SensorDirectory directory,
    TimeProvider clock) : OnDemandView<FleetSnapshot>(Interval, clock)
{
    /// <summary>The most sensors in memory, about 1 kB each. Further ones are in the registry, in the windows and in alerts only.</summary>
    public const int MaxSensors = 100_000;

    private const int EntriesAtOnce = 10_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>A silo that has just stopped is still a member, but does not answer.</summary>
    private static readonly TimeSpan SiloTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Longest time that the first request waits for readings: silos record latest readings only from then on.</summary>
    private static readonly TimeSpan FirstReadingsTimeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan RegistryInterval = TimeSpan.FromSeconds(30);

    /// <summary>Readings from before the first request are in the store by then; longer than the interval of two checkpoints.</summary>
    private static readonly TimeSpan StoredAfter = TimeSpan.FromMinutes(2);

    /// <summary>Readings from just before the first request are in the store by then, unless the silo is busy.</summary>
    private static readonly TimeSpan FlushedAfter = TimeSpan.FromSeconds(3);

    private readonly FleetTracks _tracks = new(MaxSensors, measurements.Count, measurements.Primary);
    private readonly string[] _measurementNames = [.. measurements.All.Select(m => m.Name)];
    private IReadOnlyDictionary<int, long> _forgotten = new Dictionary<int, long>();
    private StreamClocks _streams = new();
    private long _started;
    private long _registryReadAt;
    private bool _isReadAgain;
    private volatile bool _isRegistryChanged;

    /// <summary>Whether a silo has reported a reading. Those of the last moments are not in the store yet.</summary>
    private bool _isHeard;

    public FleetSnapshot Current { get; private set; } = Unknown(measurements);

    protected override bool IsReady => _isHeard || Clock.GetElapsedTime(_started) > FirstReadingsTimeout;

    /// <summary>Reads the registry with the next snapshot: this silo has changed it. Changes of others are read within 30 s.</summary>
    public void ReadRegistrySoon() => _isRegistryChanged = true;

    /// <returns>The values of the sensor in the last minute, one per second, the latest last.</returns>
    public float[] TrendOf(int sensorId, int measurement) => _tracks.TrendOf(sensorId, measurement);

    protected override async Task<FleetSnapshot?> ReadAsync(bool isFirst, CancellationToken cancellationToken)
    {
        if (isFirst)
        {
            await directory.ReadForgottenAsync(cancellationToken);
            Begin();
        }

        ReadForgotten();
        if (_isRegistryChanged || _registryReadAt == 0 || Clock.GetElapsedTime(_registryReadAt) > RegistryInterval)
        {
            await ReadRegistryAsync(cancellationToken);
            await ReadStoredAsync(cancellationToken);
        }
        else if (!_isReadAgain && Clock.GetElapsedTime(_started) > FlushedAfter)
        {
            _isReadAgain = true;
            await ReadStoredAsync(cancellationToken);
        }

        await alerts.ReadyAsync(cancellationToken);
        await cluster.ReadyAsync(cancellationToken);
        await ReadLatestAsync(cancellationToken);
        if (cluster.Current is { } status)
        {
            _streams.Take(status.At, [.. status.Status.Silos.SelectMany(silo => silo.Partitions)]);
        }

        await ReadNamesAsync(cancellationToken);
        return Current = Combine();
    }

    protected override void End() => Current = Unknown(measurements);

    private static FleetSnapshot Unknown(MeasurementSet measurements) => new(0, [.. measurements.All.Select(m => m.Name)], [], default);

    private void ReadForgotten()
    {
        if (directory.Forgotten is var forgotten && forgotten != _forgotten)
        {
            // The registry has lost the dismissed sensors, too.
            (_forgotten, _registryReadAt) = (forgotten, 0);
        }
    }

    /// <returns>Whether the sensor was dismissed, and nothing was heard of it since.</returns>
    private bool IsForgotten(SensorTrack track, IEnumerable<Alert> open) =>
        ForgottenAt(track.SensorId) is not SensorWatch.Never and var at
        && track.Entry is null
        && (track.LastAt is null || track.LastAt <= at)
        && !open.Any(alert => alert.RaisedAt > at);

    private long ForgottenAt(int sensorId) => _forgotten.GetValueOrDefault(sensorId, SensorWatch.Never);

    private void Begin()
    {
        _tracks.Clear();
        ReadForgotten();
        _registryReadAt = 0;
        _streams = new();
        _isHeard = _isReadAgain = false;
        _started = Clock.GetTimestamp();
    }

    /// <summary>Reads the readings of sensors that may not report in the next minutes.</summary>
    private async Task ReadStoredAsync(CancellationToken cancellationToken)
    {
        if (Clock.GetElapsedTime(_started) > StoredAfter)
        {
            return;
        }

        foreach (var latest in await store.ReadLatestAsync(_measurementNames, cancellationToken))
        {
            if (latest.Order.Timestamp > ForgottenAt(latest.SensorId))
            {
                _tracks.Of(latest.SensorId)?.TakeStored(
                    latest.Order.Timestamp, latest.Values, latest.Order.Partition, others: latest.Others);
            }
        }
    }

    private async Task ReadRegistryAsync(CancellationToken cancellationToken)
    {
        (_isRegistryChanged, _registryReadAt) = (false, 0);
        _tracks.ClearEntries();
        await foreach (var sensor in store.Sensors.ReadAllAsync(null, cancellationToken))
        {
            if (!_tracks.TryTake(sensor))
            {
                break; // the fleet is full
            }
        }

        // Sensors that were tracked before may follow in the registry.
        foreach (var ids in _tracks.IsFull ? Ids(_tracks.All.Where(track => track.Entry is null)).Chunk(EntriesAtOnce) : [])
        {
            foreach (var sensor in await store.Sensors.FindAsync(ids, cancellationToken))
            {
                _tracks.TryTake(sensor);
            }
        }

        _registryReadAt = Clock.GetTimestamp();
    }

    private async Task ReadLatestAsync(CancellationToken cancellationToken)
    {
        var members = membership.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active);
        foreach (var report in await Task.WhenAll(members.Select(member => ReadLatestAsync(member.SiloAddress))))
        {
            var values = new ReportedValues(report, _measurementNames);
            for (var i = 0; i < report.SensorIds.Length; i++)
            {
                values.Read(i);
                if (report.Timestamps[i] > ForgottenAt(report.SensorIds[i]))
                {
                    _tracks.Take(
                        report.SensorIds[i], report.Timestamps[i], values.Declared, report.Partitions?[i], report.HaveOthers?[i] == true,
                        values.Others, report.SourceTopics?[i]);
                    _isHeard = true;
                }
            }
        }

        foreach (var open in alerts.OpenBySensor)
        {
            _tracks.Of(open.Key, isNeeded: true);
        }
    }

    private async Task ReadNamesAsync(CancellationToken cancellationToken)
    {
        var unnamed = Array.FindAll(_tracks.All, track => track.Name is null && SensorName.IsNumber(track.SensorId));
        var names = await store.Names.NamesAmongAsync(Ids(unnamed), cancellationToken);
        Array.ForEach(unnamed, track => track.Name = SensorRef.Of(track.SensorId, names).Name);
    }

    /// <returns>Empty if the silo does not answer; the status of the cluster reports the reason.</returns>
    private async Task<LatestReport> ReadLatestAsync(SiloAddress silo)
    {
        try
        {
            return await silos.Of(silo).GetLatest().WaitAsync(SiloTimeout, Clock);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            return new([], [], []);
        }
    }

    private static IEnumerable<int> Ids(IEnumerable<SensorTrack> tracks) => tracks.Select(track => track.SensorId);

    private FleetSnapshot Combine()
    {
        var open = alerts.OpenBySensor;
        _tracks.Remove(Array.FindAll(_tracks.All, track => IsForgotten(track, open[track.SensorId])));
        var lines = Array.ConvertAll(_tracks.All, track => LineOf(track, open[track.SensorId]));
        Array.Sort(lines, static (a, b) => SensorRef.Compare(a.Sensor, b.Sensor));
        return new(EpochTime.Now(Clock), _measurementNames, lines, FleetCounts.Of(lines)) { IsPartial = _tracks.IsFull };
    }

    private SensorLine LineOf(SensorTrack track, IEnumerable<Alert> open)
    {
        var (count, level) = (0, default(AlertLevel?));
        foreach (var alert in open)
        {
            count++;
            level = level is null || alert.Level > level ? alert.Level : level;
        }

        var condition = track.ConditionBy(_streams, directory.TimeoutOf(track.SensorId), level);
        return new(track.SensorId, condition, track.LastAt, track.Values, count, level)
        {
            Name = track.Name,
            Entry = track.Entry,
            Others = track.Others,
        };
    }
}
