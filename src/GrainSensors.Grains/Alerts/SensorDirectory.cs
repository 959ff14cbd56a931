using System.Collections.Frozen;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Sensors;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Grains.Alerts;

/// <summary>
/// A cache of the sensor registry by shard, one for all monitors of a silo. While in use, it reads the registry every 30 seconds and
/// new dismissals every 2 seconds.
/// </summary>
public sealed partial class SensorDirectory(
    ISensorRegistry registry, MonitorRules rules, MeasurementSet measurements, TimeProvider clock, ILogger<SensorDirectory> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ForgottenInterval = TimeSpan.FromSeconds(2);

    /// <summary>Longest time from the stamp of a dismissal to its commit, including the difference between clocks; µs.</summary>
    private const long ForgottenOverlap = 60 * EpochTime.MicrosPerSecond;

    private readonly Lock _gate = new();
    private volatile ShardSensors[]? _shards;
    private volatile FrozenDictionary<int, long> _forgotten = FrozenDictionary<int, long>.Empty;
    private volatile ForgottenSensor[][] _forgottenOfShards = [.. Enumerable.Repeat(Array.Empty<ForgottenSensor>(), SensorShards.Count)];
    private long _forgottenReadAt;
    private bool _isReadingForgotten;
    private long _readAt;
    private bool _isReading;
    private string? _failure;

    /// <returns>The sensors of the shard, the same object until they change; null if the registry was not read yet.</returns>
    internal ShardSensors? Of(int shard)
    {
        lock (_gate)
        {
            if (!_isReading && (_readAt == 0 || clock.GetElapsedTime(_readAt) >= Interval))
            {
                (_isReading, _readAt) = (true, clock.GetTimestamp());
                _ = Task.Run(RefreshAsync);
            }
        }

        return _shards?[shard];
    }

    /// <summary>
    /// The times of dismissals by sensor, µs since the epoch. Readings up to that time do not count. The dictionary is at most some
    /// seconds old while it is used.
    /// </summary>
    public IReadOnlyDictionary<int, long> Forgotten
    {
        get
        {
            RefreshForgotten();
            return _forgotten;
        }
    }

    /// <returns>The time without a reading after which a sensor is disconnected by its rules, µs.</returns>
    public long TimeoutOf(int sensorId) =>
        (Of(SensorShards.Of(sensorId))?.Rules.GetValueOrDefault(sensorId) ?? rules.Usual).Disconnection.Timeout;

    /// <returns>The dismissed sensors of the shard, the same object until they change.</returns>
    internal ForgottenSensor[] ForgottenOf(int shard)
    {
        RefreshForgotten();
        return _forgottenOfShards[shard];
    }

    /// <summary>Reads the dismissals until now.</summary>
    /// <exception cref="WindowStoreUnavailableException">The store cannot be reached.</exception>
    public async Task ReadForgottenAsync(CancellationToken cancellationToken)
    {
        var known = _forgotten;

        // A dismissal may hold until later than now, and others may follow meanwhile.
        var since = known.Count == 0 ? EpochTime.Min : Math.Min(known.Values.Max(), EpochTime.Now(clock)) - ForgottenOverlap;
        var read = await registry.ReadForgottenAsync(since, cancellationToken);
        if (read.Any(sensor => _forgotten.GetValueOrDefault(sensor.SensorId, SensorWatch.Never) < sensor.At))
        {
            Take(read);
        }
    }

    private void Take(IReadOnlyList<ForgottenSensor> read)
    {
        lock (_gate)
        {
            var all = _forgotten.ToDictionary();
            foreach (var (sensorId, at) in read)
            {
                all[sensorId] = Math.Max(at, all.GetValueOrDefault(sensorId, SensorWatch.Never));
            }

            var shards = all.ToLookup(sensor => SensorShards.Of(sensor.Key), sensor => new ForgottenSensor(sensor.Key, sensor.Value));
            _forgotten = all.ToFrozenDictionary();
            _forgottenOfShards = [.. _forgottenOfShards.Select((before, shard) => Same(before, [.. shards[shard]]))];
        }
    }

    /// <returns>The object of the last read if the sensors are the same.</returns>
    private static ForgottenSensor[] Same(ForgottenSensor[] before, ForgottenSensor[] now) =>
        before.Length == now.Length && before.ToHashSet().SetEquals(now) ? before : now;

    private void RefreshForgotten()
    {
        lock (_gate)
        {
            if (_isReadingForgotten || (_forgottenReadAt != 0 && clock.GetElapsedTime(_forgottenReadAt) < ForgottenInterval))
            {
                return;
            }

            (_isReadingForgotten, _forgottenReadAt) = (true, clock.GetTimestamp());
        }

        _ = Task.Run(RefreshForgottenAsync);
    }

    private async Task RefreshForgottenAsync()
    {
        try
        {
            await ReadForgottenAsync(CancellationToken.None);
        }
        catch (WindowStoreUnavailableException e)
        {
            Warn(e.Message);
        }
        finally
        {
            lock (_gate)
            {
                _isReadingForgotten = false;
            }
        }
    }

    private async Task RefreshAsync()
    {
        try
        {
            var sensors = await registry.ReadWatchedAsync(CancellationToken.None);
            var shards = sensors.ToLookup(sensor => SensorShards.Of(sensor.SensorId));
            _shards = [.. Enumerable.Range(0, SensorShards.Count).Select(shard => Same(shard, [.. shards[shard]]))];
            _failure = null;
        }
        catch (WindowStoreUnavailableException e)
        {
            Warn(e.Message);
        }
        finally
        {
            lock (_gate)
            {
                _isReading = false;
            }
        }
    }

    /// <returns>The object of the last read if the sensors are the same.</returns>
    private ShardSensors Same(int shard, WatchedSensor[] sensors)
    {
        var before = _shards?[shard];
        return before?.Registered.SequenceEqual(sensors) == true ? before
            : sensors.Length == 0 ? ShardSensors.None
            : new(sensors, rules.Usual, RulesOf(sensors));
    }

    private FrozenDictionary<int, AlertRules> RulesOf(WatchedSensor[] sensors)
    {
        var own = new Dictionary<int, AlertRules>();
        foreach (var sensor in sensors.Where(sensor => sensor.Overrides is not null))
        {
            try
            {
                own.Add(sensor.SensorId, RuleOverrides.Apply(sensor.Overrides!, rules.Usual, measurements));
            }
            catch (FormatException e)
            {
                LogBadOverrides(logger, new(sensor.SensorId, sensor.Name), e.Message);
            }
        }

        return own.ToFrozenDictionary();
    }

    /// <summary>Logs a failure once, until its reason changes or a read succeeds.</summary>
    private void Warn(string reason)
    {
        if (_failure != reason)
        {
            _failure = reason;
            LogNotRead(logger, reason);
        }
    }

    [LoggerMessage(3211, LogLevel.Warning, "Reading the sensor registry failed; the last known sensors stay in use: {Reason}")]
    private static partial void LogNotRead(ILogger logger, string reason);

    [LoggerMessage(
        3212,
        LogLevel.Warning,
        "The overrides of sensor {SensorId} in the registry are invalid; the general rules apply to it: {Reason}")]
    private static partial void LogBadOverrides(ILogger logger, SensorRef sensorId, string reason);
}

/// <summary>The registered sensors of a shard.</summary>
internal sealed class ShardSensors(WatchedSensor[] registered, AlertRules usual, FrozenDictionary<int, AlertRules> rules)
{
    public static ShardSensors None { get; } = new([], new(new(), []), FrozenDictionary<int, AlertRules>.Empty);

    public WatchedSensor[] Registered => registered;

    public FrozenSet<int> SensorIds { get; } = registered.Select(sensor => sensor.SensorId).ToFrozenSet();

    /// <summary>The rules of the sensors that have rules of their own.</summary>
    public FrozenDictionary<int, AlertRules> Rules => rules;

    /// <returns>The timeout in µs.</returns>
    public long TimeoutOf(int sensorId) => (rules.GetValueOrDefault(sensorId) ?? usual).Disconnection.Timeout;
}
