using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>The states of monitors in a simulated store, which is restored together with them.</summary>
internal sealed class SimulatedMonitorStates(SimulatedStore store, Watching watching, Func<Task> failAsync) : IMonitorStates
{
    private Dictionary<int, StoredMonitor> _states = [];

    public Dictionary<int, StoredMonitor> BackUp() => new(_states);

    public void Restore(Dictionary<int, StoredMonitor> backup) => _states = new(backup);

    public StoredMonitor Read(int shard) =>
        _states.GetValueOrDefault(shard, new(Guid.Empty, null, null, null, [])) with { Life = store.ReadLife() };

    public async Task<StoredMonitor> ReadAsync(int shard, CancellationToken cancellationToken)
    {
        await failAsync();
        return Read(shard);
    }

    public async Task<bool> WriteAsync(MonitorWrite write, CancellationToken cancellationToken)
    {
        await failAsync();
        var stored = Read(write.Shard);
        if (!store.ChecksVersions)
        {
            stored = stored with { Version = write.Replaces };
        }

        if (!watching.ChecksLife)
        {
            stored = stored with { Life = write.Life };
        }

        if (stored.After(write) is not { } next)
        {
            return false;
        }

        _states[write.Shard] = watching.RemovesChanges || write.Change > 0 ? next : next with { Changes = stored.Changes };
        await failAsync();
        return true;
    }

    /// <summary>Each baseline must hold each reading of the log once, and some that the log has lost, each at most once.</summary>
    public string? Compare(Schedule schedule)
    {
        foreach (var log in schedule.Logs.Values)
        {
            foreach (var sensor in log.Readings.Select(reading => reading.SensorId).Distinct())
            {
                var state = Read(SensorShards.Of(sensor));
                var watches = new SensorWatches(MeasurementSet.Default, watching.Rules);
                watches.Load(state.Watches, state.Changes);
                for (var i = 0; i < MeasurementSet.Default.Count; i++)
                {
                    var got = watches.Find(sensor)?.Values[i].Usual ?? default;
                    if (!IsOf(got, ValuesOf(log.Readings, sensor, i), ValuesOf(log.Lost, sensor, i)))
                    {
                        return $"monitor: sensor {sensor} has {got.Count} values of measurement {i} with mean {got.Mean}, "
                            + $"not those of {ValuesOf(log.Readings, sensor, i).Count} readings";
                    }
                }
            }
        }

        return null;
    }

    private static List<double> ValuesOf(IEnumerable<Reading> readings, int sensor, int measurement) =>
        [.. readings.Where(reading => reading.SensorId == sensor).Select(reading => reading.Values[measurement]).Where(double.IsFinite)];

    private static bool IsOf(Baseline got, List<double> ofLog, List<double> lost)
    {
        for (var some = 0; some < 1 << lost.Count; some++)
        {
            var values = ofLog.Concat(lost.Where((_, i) => (some >> i & 1) == 1)).ToList();
            if (got.Count == values.Count && (got.Count == 0 || Math.Abs(got.Mean - values.Average()) < 1e-9))
            {
                return true;
            }
        }

        return false;
    }
}
