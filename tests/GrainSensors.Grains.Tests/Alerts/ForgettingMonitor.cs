using System.Collections.Immutable;
using GrainSensors.Contracts.Alerts;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Alerts;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Sensors;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Grains.Tests.Alerts;

/// <summary>The monitor of one sensor with its log, its state, the alerts table and the dismissals. Times are in seconds.</summary>
internal sealed class ForgettingMonitor : IAlertSink, IMonitorStates, ISensorRegistry
{
    private const int Sensor = 7;
    private const long Second = EpochTime.MicrosPerSecond;

    /// <summary>2026-11-24T10:00:00Z.</summary>
    private const long Start = 1_795_514_400 * Second;

    private static readonly MeasurementSet Measurements = MeasurementSet.Default;
    private static readonly SourceId Source = new(new("0193a5c2-1111-7222-8333-444455556666"), 0);

    /// <summary>Readings above 40 °C are extreme at once; a baseline would need too many readings.</summary>
    private static readonly MonitorRules Rules = new(
        new(new(), ImmutableArray.Create<ExtremeRule?>(new() { High = 40, MinDeviation = double.PositiveInfinity }, null)),
        TimeSpan.FromMinutes(1));

    private static readonly StoredMonitor Nothing = new(Guid.Empty, null, null, null, []);

    private readonly FakeTimeProvider _clock = new(EpochTime.ToDateTime(Start + (86_400 * Second)));
    private readonly SimulatedAlerts _table = new();
    private readonly List<Reading> _log = [];
    private ForgottenSensor? _dismissed;

    /// <summary>What the directory can read; it reads at times that a test does not choose.</summary>
    private volatile ForgottenSensor[] _known = [];
    private StoredMonitor _kept = Nothing;
    private SensorDirectory _directory;
    private MonitorShard _shard;
    private long _streamTime = Start;

    public ForgettingMonitor() => (_directory, _shard) = Create();

    /// <summary>Whether writes of the state fail. Alerts are written before it.</summary>
    public bool IsStateAway { get; set; }

    /// <summary>The transitions in the log topic.</summary>
    public List<string> Story { get; } = [];

    /// <summary>When the open alerts of the table were raised.</summary>
    public IEnumerable<int> Open =>
        _table.Rows.Values.Where(row => row.ClearedAt is null).Select(row => (int)((row.RaisedAt - Start) / Second));

    /// <summary>The intervals of all alerts, such as <c>1: 30 to 60</c>, in the order of their raising.</summary>
    public IEnumerable<string> Intervals => _table.Intervals.OrderBy(interval => interval.Value.From)
        .Select(interval => $"{interval.Key.Occurrence}: {Seconds(interval.Value.From)} to {Seconds(interval.Value.To)}");

    /// <summary>When the open alerts of a watch were raised.</summary>
    public static List<int> OpenOf(SensorWatch watch)
    {
        AlertState[] all = [watch.Silence, .. Enumerable.Range(0, MeasurementSet.Default.Count).Select(i => watch.Values[i].Alert)];
        return [.. all.Where(alert => alert.IsOpen).Select(alert => (int)((alert.RaisedAt - Start) / Second))];
    }

    /// <returns>The sensor in the stored state; null if it is not there.</returns>
    public SensorWatch? Kept()
    {
        var watches = new SensorWatches(Measurements, Rules.Usual);
        if (_kept.Watches is { } bytes)
        {
            watches.Load(bytes, _kept.Changes);
        }

        return watches.Find(Sensor);
    }

    public void Read(int second, double temperature)
    {
        var reading = new Reading
        {
            SensorId = Sensor,
            Offset = _log.Count,
            Timestamp = Start + (second * Second),
            Values = MeasurementValues.None,
        };
        reading.Values[0] = temperature;
        _log.Add(reading);
        Deliver(_log.Count - 1);
    }

    /// <summary>Delivers all readings again that may not be durable, or those from an offset on.</summary>
    public void Redeliver(int? from = null)
    {
        var durable = _kept.Marks is { } marks ? Marks.Parse(marks)[Source] : Marks.None;
        for (var offset = Math.Max(0, from ?? (int)Math.Max(0, durable + 1)); offset < _log.Count; offset++)
        {
            Deliver(offset);
        }
    }

    public void Tick(int second)
    {
        _streamTime = Math.Max(_streamTime, Start + (second * Second));
        _shard.Tick(Source, _streamTime, Marks.None);
    }

    public Task FlushAsync() => _shard.FlushAsync(Source);

    /// <summary>Dismisses the sensor as the store does; the monitor does not know it yet.</summary>
    public void Dismiss(int second)
    {
        var at = Start + (second * Second);
        _dismissed = new(Sensor, at);
        foreach (var row in _table.Rows.Values.Where(row => row.ClearedAt is null).ToList())
        {
            var clearedAt = Math.Max(row.LastRaisedAt, at);
            _table.Rows[row.Id] = row with { ClearedAt = clearedAt };
            _table.Intervals[(row.Id, row.Occurrences)] = (row.LastRaisedAt, clearedAt);
        }
    }

    public Task PollAsync() => ReadAsync(_directory);

    public Task ForgetAsync(int second)
    {
        Dismiss(second);
        return PollAsync();
    }

    public void LoseState() => _kept = Nothing;

    /// <summary>Loses what is not durable.</summary>
    public async Task RestartAsync()
    {
        var directory = DirectoryOf();
        await ReadAsync(directory);
        (_directory, _shard) = Create(directory);
    }

    Task IAlertSink.PublishAsync(IReadOnlyList<AlertEvent> events)
    {
        Story.AddRange(events.Select(happened => $"{happened.Transition} {(happened.At - Start) / Second}"));
        return Task.CompletedTask;
    }

    Task<StoredMonitor> IMonitorStates.ReadAsync(int shard, CancellationToken cancellationToken) => Task.FromResult(_kept);

    Task<bool> IMonitorStates.WriteAsync(MonitorWrite write, CancellationToken cancellationToken)
    {
        if (IsStateAway)
        {
            throw new WindowStoreUnavailableException("The store of states is away.");
        }

        var next = _kept.After(write);
        _kept = next ?? _kept;
        return Task.FromResult(next is not null);
    }

    Task<IReadOnlyList<ForgottenSensor>> ISensorRegistry.ReadForgottenAsync(long since, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ForgottenSensor>>([.. _known.Where(sensor => sensor.At >= since)]);

    Task<IReadOnlyList<WatchedSensor>> ISensorRegistry.ReadWatchedAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<WatchedSensor>>([]);

    Task<IReadOnlyList<RegisteredSensor>> ISensorRegistry.ReadAsync(RegistryQuery query, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    Task<IReadOnlyList<RegisteredSensor>> ISensorRegistry.FindAsync(
        IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<long> ISensorRegistry.CountAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    Task ISensorRegistry.WriteAsync(IReadOnlyCollection<RegisteredSensor> sensors, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    Task ISensorRegistry.ChangeAsync(
        IReadOnlyCollection<int> sensorIds, Func<IReadOnlyList<RegisteredSensor>, IReadOnlyCollection<RegisteredSensor>> change,
        CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IReadOnlyList<int>> ISensorRegistry.RemoveAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    Task<IReadOnlyList<int>> ISensorRegistry.ForgetAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    private static string Seconds(long? micros) => micros is { } at ? $"{(at - Start) / Second}" : "open";

    private void Deliver(int offset)
    {
        var reading = _log[offset];
        _streamTime = Math.Max(_streamTime, reading.Timestamp);
        _shard.Observe(Source, new(ReadingBatch.Of(reading), 0, 1), Marks.None, _streamTime);
    }

    private Task ReadAsync(SensorDirectory directory)
    {
        _known = _dismissed is { } sensor ? [sensor] : [];
        return directory.ReadForgottenAsync(CancellationToken.None);
    }

    private SensorDirectory DirectoryOf() => new(this, Rules, Measurements, _clock, NullLogger<SensorDirectory>.Instance);

    private (SensorDirectory, MonitorShard) Create(SensorDirectory? directory = null)
    {
        directory ??= DirectoryOf();
        var number = SensorShards.Of(Sensor);
        var shard = new MonitorShard(number, Measurements, Rules, directory, this, _table, this, ExactnessRules.Default, _clock);
        shard.Load(_kept, _table.Open(number));
        return (directory, shard);
    }
}
