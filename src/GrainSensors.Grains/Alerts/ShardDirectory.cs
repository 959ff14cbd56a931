using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Grains.Alerts;

/// <summary>Applies changes of the sensor registry to the watches of a shard.</summary>
internal sealed class ShardDirectory(int shard, SensorDirectory directory, SensorWatches watches, TimeSpan startupGrace)
{
    private ShardSensors? _known;
    private ForgottenSensor[] _forgotten = [];
    private ForgottenSensor[]? _applied;

    /// <returns>Whether the state has changed.</returns>
    public bool Apply(long streamTime, ICollection<AlertChange> changes)
    {
        if (directory.Of(shard) is not { } known || known == _known || streamTime <= EpochTime.Min)
        {
            return false;
        }

        foreach (var sensorId in _known?.Rules.Keys ?? [])
        {
            watches.SetRules(sensorId, known.Rules.GetValueOrDefault(sensorId));
        }

        _known = known;
        var hasChanged = false;
        foreach (var sensorId in known.SensorIds)
        {
            hasChanged |= watches.Expect(sensorId, streamTime + EpochTime.From(startupGrace) - known.TimeoutOf(sensorId));
            watches.SetRules(sensorId, known.Rules.GetValueOrDefault(sensorId));
        }

        return hasChanged | watches.ForgetRemoved(known.SensorIds.Contains, streamTime, changes);
    }

    /// <summary>Ignores readings of dismissed sensors from now on.</summary>
    public void TakeForgotten()
    {
        var forgotten = directory.ForgottenOf(shard);
        if (forgotten != _forgotten)
        {
            _forgotten = forgotten;
            foreach (var (sensorId, at) in forgotten)
            {
                watches.Forget(sensorId, at);
            }
        }
    }

    /// <summary>Removes dismissed sensors. The store has cleared their alerts; the changes tell the log topic.</summary>
    /// <returns>Whether the state has changed.</returns>
    public bool ApplyForgotten(StrayAlerts stray, ICollection<AlertChange> changes)
    {
        TakeForgotten();
        if (_applied == _forgotten)
        {
            return false;
        }

        _applied = _forgotten;
        var hasChanged = false;
        foreach (var (sensorId, at) in _forgotten)
        {
            hasChanged |= watches.ApplyForgotten(sensorId, changes);
            stray.Dismiss(sensorId, at, directory.TimeoutOf(sensorId), changes);
        }

        return hasChanged;
    }
}
