using System.Diagnostics;
using GrainSensors.Benchmarks.Servers;
using GrainSensors.Contracts.Alerts;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Alerts;
using GrainSensors.Storage.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Benchmarks.Monitoring;

/// <summary>What a checkpoint of all monitors costs in PostgreSQL, if some of the sensors have reported since the one before.</summary>
internal sealed class MonitorCheckpoints : IAsyncDisposable, IAlertSink
{
    private const long Start = 1_795_514_400_000_000;

    private static readonly MeasurementSet Measurements = MeasurementSet.Default;
    private static readonly SourceId Source = new(Guid.NewGuid(), 0);

    private readonly ScratchDatabase _database;
    private readonly PostgresWindowStore _store;
    private readonly MonitorShard[] _shards;
    private readonly ILookup<int, int> _sensors;
    private readonly Random _random = new(1);
    private long _round;

    private MonitorCheckpoints(ScratchDatabase database, PostgresWindowStore store, int sensors)
    {
        (_database, _store) = (database, store);
        _sensors = Enumerable.Range(0, sensors).ToLookup(SensorShards.Of);
        var rules = new MonitorRules(
            AlertRules.Default(Measurements) with { Disconnection = new() { Timeout = 86_400 * EpochTime.MicrosPerSecond } },
            TimeSpan.Zero);
        var directory = new SensorDirectory(
            store.Sensors, rules, Measurements, TimeProvider.System, NullLogger<SensorDirectory>.Instance);
        _shards =
        [
            .. Enumerable.Range(0, SensorShards.Count).Select(shard => new MonitorShard(
                shard, Measurements, rules, directory, store.MonitorStates, store.Alerts, this, ExactnessRules.Default,
                TimeProvider.System)),
        ];
    }

    public static async Task<MonitorCheckpoints> CreateAsync(string? postgres, int sensors, CancellationToken cancellationToken)
    {
        var database = await ScratchDatabase.CreateAsync(postgres);
        var store = new PostgresWindowStore(database.ConnectionString);
        await store.PrepareAsync(cancellationToken);
        var all = new MonitorCheckpoints(database, store, sensors);
        foreach (var (shard, monitor) in all._shards.Index())
        {
            monitor.Load(await store.MonitorStates.ReadAsync(shard, cancellationToken), []);
        }

        // The baselines get the digits of real ones.
        for (var i = 0; i < 20; i++)
        {
            all.Observe(1);
        }

        await all.FlushAsync();
        return all;
    }

    /// <param name="share">The part of the sensors that report between two checkpoints.</param>
    /// <returns>Bytes of log, and time, of one checkpoint on average.</returns>
    public async Task<(double LogBytes, TimeSpan Time)> MeasureAsync(double share, int checkpoints)
    {
        var (time, before) = (TimeSpan.Zero, await LogPositionAsync());
        for (var i = 0; i < checkpoints; i++)
        {
            Observe(share);
            var started = Stopwatch.GetTimestamp();
            await FlushAsync();
            time += Stopwatch.GetElapsedTime(started);
        }

        return ((double)(await LogPositionAsync() - before) / checkpoints, time / checkpoints);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _database.DisposeAsync();
    }

    Task IAlertSink.PublishAsync(IReadOnlyList<AlertEvent> events) => Task.CompletedTask;

    private void Observe(double share)
    {
        var at = Start + (++_round * 1_000_000);
        foreach (var (shard, monitor) in _shards.Index())
        {
            var readings = _sensors[shard].Where(_ => _random.NextDouble() < share).Select(sensor => Reading(sensor, at)).ToArray();
            monitor.Observe(Source, new(ReadingBatch.Of(readings), 0, readings.Length), Marks.None, at);
        }
    }

    private Reading Reading(int sensor, long at)
    {
        var reading = new Reading { SensorId = sensor, Offset = _round, Timestamp = at, Values = MeasurementValues.None };
        (reading.Values[0], reading.Values[1]) = (20 + _random.NextDouble(), 50 + _random.NextDouble());
        return reading;
    }

    private Task<long[]> FlushAsync() => Task.WhenAll(_shards.Select(shard => Task.Run(() => shard.FlushAsync(Source))));

    private async Task<long> LogPositionAsync()
    {
        await using var command = _store.DataSource.CreateCommand("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
