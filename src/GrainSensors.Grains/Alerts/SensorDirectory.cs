using System.Collections.Frozen;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Storage.Sensors;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Grains.Alerts;

/// <summary>
/// A cache of the sensor registry by shard, one for all monitors of a silo. It reads the registry every 30 seconds while in use.
/// </summary>
public sealed partial class SensorDirectory(
    ISensorRegistry registry, MonitorRules rules, MeasurementSet measurements, TimeProvider clock, ILogger<SensorDirectory> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private volatile ShardSensors[]? _shards;
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

    private async Task RefreshAsync()
    {
        try
        {
            var sensors = await registry.ReadAsync(CancellationToken.None);
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
    private ShardSensors Same(int shard, RegisteredSensor[] sensors)
    {
        var before = _shards?[shard];
        return before?.Registered.SequenceEqual(sensors) == true ? before
            : sensors.Length == 0 ? ShardSensors.None
            : new(sensors, rules.Usual, RulesOf(sensors));
    }

    private FrozenDictionary<int, AlertRules> RulesOf(RegisteredSensor[] sensors)
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
                LogBadOverrides(logger, sensor.SensorId, e.Message);
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
        "The overrides of sensor {SensorId} in the table sensors are invalid; the general rules apply to it: {Reason}")]
    private static partial void LogBadOverrides(ILogger logger, int sensorId, string reason);
}

/// <summary>The registered sensors of a shard.</summary>
internal sealed class ShardSensors(RegisteredSensor[] registered, AlertRules usual, FrozenDictionary<int, AlertRules> rules)
{
    public static ShardSensors None { get; } = new([], new(new(), []), FrozenDictionary<int, AlertRules>.Empty);

    public RegisteredSensor[] Registered => registered;

    public FrozenSet<int> SensorIds { get; } = registered.Select(sensor => sensor.SensorId).ToFrozenSet();

    /// <summary>The rules of the sensors that have rules of their own.</summary>
    public FrozenDictionary<int, AlertRules> Rules => rules;

    /// <returns>The timeout in µs.</returns>
    public long TimeoutOf(int sensorId) => (rules.GetValueOrDefault(sensorId) ?? usual).Disconnection.Timeout;
}
