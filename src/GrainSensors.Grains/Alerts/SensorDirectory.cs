using System.Collections.Frozen;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Storage.Sensors;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Grains.Alerts;

/// <summary>What the registry says of sensors, by shard; one for all monitors of a silo. Looks again every half minute while it is asked.</summary>
public sealed partial class SensorDirectory(
    ISensorRegistry registry, MonitorRules rules, MeasurementSet measurements, TimeProvider clock, ILogger<SensorDirectory> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private volatile ShardSensors[]? _shards;
    private long _askedAt;
    private bool _isAsking;
    private string? _complaint;

    /// <returns>What is known by now, the same object as long as nothing has changed; null: the registry was not read yet.</returns>
    internal ShardSensors? Of(int shard)
    {
        lock (_gate)
        {
            if (!_isAsking && (_askedAt == 0 || clock.GetElapsedTime(_askedAt) >= Interval))
            {
                (_isAsking, _askedAt) = (true, clock.GetTimestamp());
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
            _complaint = null;
        }
        catch (WindowStoreUnavailableException e)
        {
            Complain(e.Message);
        }
        finally
        {
            lock (_gate)
            {
                _isAsking = false;
            }
        }
    }

    /// <returns>What was known before, if that is what is known now.</returns>
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

    private void Complain(string reason)
    {
        if (_complaint != reason)
        {
            _complaint = reason;
            LogNotRead(logger, reason);
        }
    }

    [LoggerMessage(3211, LogLevel.Warning, "The registry of sensors cannot be read; what was known of them goes on: {Reason}")]
    private static partial void LogNotRead(ILogger logger, string reason);

    [LoggerMessage(3212, LogLevel.Warning, "The usual rules hold for sensor {SensorId}, for its overrides in the table sensors are not understood: {Reason}")]
    private static partial void LogBadOverrides(ILogger logger, int sensorId, string reason);
}

/// <summary>The registered sensors of a shard.</summary>
internal sealed class ShardSensors(RegisteredSensor[] registered, AlertRules usual, FrozenDictionary<int, AlertRules> rules)
{
    public static ShardSensors None { get; } = new([], new(new(), []), FrozenDictionary<int, AlertRules>.Empty);

    public RegisteredSensor[] Registered => registered;

    public FrozenSet<int> SensorIds { get; } = registered.Select(sensor => sensor.SensorId).ToFrozenSet();

    /// <summary>Of sensors that have rules of their own.</summary>
    public FrozenDictionary<int, AlertRules> Rules => rules;

    /// <returns>µs.</returns>
    public long TimeoutOf(int sensorId) => (rules.GetValueOrDefault(sensorId) ?? usual).Silence.Timeout;
}
