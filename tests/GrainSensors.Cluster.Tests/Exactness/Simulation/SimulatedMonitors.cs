using GrainSensors.Contracts.Alerts;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Alerts;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>The activations of all monitors, with a state store and an alerts table that fail.</summary>
internal sealed class SimulatedMonitors : IAlertSink
{
    private static readonly MeasurementSet Measurements = MeasurementSet.Default;

    private readonly StepScheduler _scheduler;
    private readonly Random _random;
    private readonly ExactnessRules _rules;
    private readonly TimeProvider _clock;
    private readonly SimulatedStore _store;
    private readonly SimulatedMonitorStates _states;
    private readonly Watching _watching;
    private readonly Dictionary<int, List<Activation>> _activations = [];
    private readonly List<Func<Task>> _stray = [];
    private readonly SimulatedAlerts _table = new();
    private readonly HashSet<(Guid, AlertTransition, int)> _log = [];
    private Faults _faults;

    public SimulatedMonitors(
        StepScheduler scheduler, Random random, Faults faults, ExactnessRules rules, TimeProvider clock, SimulatedStore store,
        Watching watching)
    {
        (_scheduler, _random, _faults, _rules, _clock, _store, _watching) = (scheduler, random, faults, rules, clock, store, watching);
        store.Monitors = _states = new(store, watching, FailAsync);
    }

    public IMonitorGrain Reference(int shard) => new Proxy(this, shard);

    public void Crash()
    {
        if (Pick() is { } activation)
        {
            activation.HasCrashed = true;
            activation.Remove();
        }
    }

    public void Evict()
    {
        if (Pick() is { } activation)
        {
            activation.Remove();
            _ = Ignore(activation.Shard.FlushAsync(default));
        }
    }

    public void DeliverSomeStrayCall()
    {
        if (_stray.Count > 0 && _random.NextDouble() < 0.02)
        {
            DeliverStrayCall();
        }
    }

    public void EndFaults()
    {
        _faults = Faults.None;
        while (_stray.Count > 0)
        {
            DeliverStrayCall();
        }
    }

    public string? Compare(Schedule schedule) => _watching.ComparesAlerts ? CompareAlerts(schedule) : _states.Compare(schedule);

    /// <summary>The table must hold the alerts that the readings yield when they are read once and in order.</summary>
    private string? CompareAlerts(Schedule schedule)
    {
        var texts = new AlertTexts(Measurements);
        var expected = new Dictionary<Guid, Alert>();
        var intervals = new Dictionary<(Guid, int), (long From, long? To)>();
        var last = new Dictionary<int, long>();
        foreach (var (source, log) in schedule.Logs)
        {
            var watches = new SensorWatches(Measurements, _watching.Rules);
            var changes = new List<AlertChange>();
            foreach (var reading in log.Readings)
            {
                var batch = ReadingBatch.Of(reading);
                watches.Observe(
                    source, batch, batch.Readings, Marks.None, ExactnessRules.Default, reading.Timestamp, long.MaxValue, changes);
                last[reading.SensorId] = reading.Timestamp;
            }

            foreach (var change in changes)
            {
                var row = texts.Of(change).Row;
                expected[row.Id] = row;
                intervals[(row.Id, row.Occurrences)] = (row.LastRaisedAt, row.ClearedAt);
                if (!_log.Contains((row.Id, change.Transition, change.Occurrences)))
                {
                    return $"alert lost: {change} is not in the log topic";
                }
            }
        }

        foreach (var (id, want) in expected)
        {
            if (_table.Rows.GetValueOrDefault(id) is not { } got)
            {
                return $"alert lost: {want}";
            }

            // Alerts after the last reading depend on the length of the simulation.
            var isOver = want.Kind == AlertKind.Disconnected
                && want.ClearedAt is not null
                && got.Occurrences == want.Occurrences + 1
                && got.LastRaisedAt > last[want.SensorId];
            if (!isOver && (got.Occurrences, got.ClearedAt) != (want.Occurrences, want.ClearedAt))
            {
                return $"alert wrong: {got}, not {want}";
            }
        }

        foreach (var (key, want) in intervals)
        {
            if (_table.Intervals.GetValueOrDefault(key) is var got && got != want)
            {
                return $"interval wrong: {key} {got}, not {want}";
            }
        }

        return _table.Rows.Values.FirstOrDefault(row =>
            !expected.ContainsKey(row.Id) && !(row.Kind == AlertKind.Disconnected && row.RaisedAt > last[row.SensorId])) is { } extra
                ? $"alert too many: {extra}"
                : null;
    }

    async Task IAlertSink.PublishAsync(IReadOnlyList<AlertEvent> events)
    {
        await FailAsync();
        foreach (var happened in events)
        {
            _log.Add((happened.AlertId, happened.Transition, happened.Occurrences));
        }

        await FailAsync();
    }

    private async Task FailAsync()
    {
        await _scheduler.YieldAsync();
        if (_random.NextDouble() < _faults.StoreFailure)
        {
            throw new WindowStoreUnavailableException("The simulated store is away.");
        }
    }

    private static async Task Ignore(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (e is WindowStoreUnavailableException or TimeoutException)
        {
            // The caller has given up on the answer.
        }
    }

    private void DeliverStrayCall()
    {
        var at = _random.Next(_stray.Count);
        var call = _stray[at];
        _stray.RemoveAt(at);
        _ = Ignore(call());
    }

    private Activation? Pick()
    {
        var all = _activations.Values.SelectMany(list => list).ToList();
        return all.Count == 0 ? null : all[_random.Next(all.Count)];
    }

    private Activation ActivationOf(int shard)
    {
        if (!_activations.TryGetValue(shard, out var list))
        {
            _activations.Add(shard, list = []);
        }

        if (list.Count == 0 || (list.Count < 2 && _random.NextDouble() < _faults.DuplicateActivation))
        {
            list.Add(new(this, shard, list));
        }

        return _random.NextDouble() < 0.8 ? list[0] : list[_random.Next(list.Count)];
    }

    private async Task<T> CallAsync<T>(int shard, Func<Activation, Task<T>> call)
    {
        for (var turns = _random.Next(3); turns > 0; turns--)
        {
            await _scheduler.YieldAsync();
        }

        if (_random.NextDouble() < _faults.LostCall)
        {
            throw new TimeoutException("The call was lost.");
        }

        if (_random.NextDouble() < _faults.DelayedCall)
        {
            _stray.Add(() => call(ActivationOf(shard)));
            throw new TimeoutException("The call is delayed.");
        }

        var activation = ActivationOf(shard);
        var result = await call(activation);
        await _scheduler.YieldAsync();
        if (activation.HasCrashed || _random.NextDouble() < _faults.LostAnswer)
        {
            throw new TimeoutException("The answer was lost.");
        }

        return result;
    }

    private sealed class Activation
    {
        private readonly List<Activation> _list;

        public Activation(SimulatedMonitors monitors, int shard, List<Activation> list)
        {
            _list = list;
            var rules = new MonitorRules(monitors._watching.Rules, TimeSpan.Zero);
            var directory = new SensorDirectory(
                new NoSensors(), rules, Measurements, monitors._clock, NullLogger<SensorDirectory>.Instance);
            Shard = new(
                shard, Measurements, rules, directory, monitors._states, monitors._table, monitors, monitors._rules, monitors._clock)
            {
                BytesOfChange = -400,
            };
            Shard.Load(monitors._states.Read(shard), monitors._table.Open(shard));
            Shard.Stale += Remove;
        }

        public MonitorShard Shard { get; }

        /// <summary>Whether the activation has died. Its writes may still reach the store; its answers reach no caller.</summary>
        public bool HasCrashed { get; set; }

        public void Remove() => _list.Remove(this);
    }

    private sealed class Proxy(SimulatedMonitors monitors, int shard) : IMonitorGrain
    {
        public async ValueTask<AddStatus> Observe(SourceId source, ShardReadings readings, long previous, long streamTime, Guid life) =>
            await monitors.CallAsync(shard, async activation =>
            {
                if (!activation.Shard.IsOtherLife(life))
                {
                    return activation.Shard.Observe(source, readings, previous, streamTime);
                }

                activation.Remove();
                await monitors._store.ReadLifeAsync(CancellationToken.None);
                return AddStatus.Gap;
            });

        public async ValueTask<bool> Tick(SourceId source, long streamTime, long lastSent) =>
            await monitors.CallAsync(
                shard, activation => Task.FromResult(activation.Shard.Tick(source, streamTime, lastSent)));

        public async ValueTask<long> Flush(SourceId source, Guid life) => await monitors.CallAsync(
            shard,
            activation => activation.Shard.IsOtherLife(life) ? Task.FromResult(Marks.None) : activation.Shard.FlushAsync(source));

        public ValueTask Release(SourceId source) => throw new NotSupportedException();
    }
}
