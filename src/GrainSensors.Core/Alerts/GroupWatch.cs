namespace GrainSensors.Core.Alerts;

/// <summary>Watches the alerts of the sensors of a group. Times are in µs since the epoch.</summary>
/// <param name="size">The number of sensors of the group.</param>
/// <param name="dwell">How long so many sensors must be in alarm, in µs.</param>
/// <param name="coolDown">The time in µs within which a cleared alert reopens.</param>
public sealed class GroupWatch(GroupCondition condition, int size, long dwell, long coolDown)
{
    private readonly Dictionary<int, HashSet<Guid>> _alarms = [];
    private long? _heldSince;
    private long _endedAt;

    /// <summary>The last alert of the group.</summary>
    public AlertState Alert { get; set; }

    public int Size => size;

    /// <summary>The number of sensors in alarm.</summary>
    public int Count => _alarms.Count;

    /// <summary>The open alerts that count.</summary>
    public IEnumerable<Guid> Alarms => _alarms.Values.SelectMany(alerts => alerts);

    /// <summary>Takes the state of an alert of a sensor of the group. Repeating it changes nothing.</summary>
    /// <param name="at">The time at which the alert was last raised, or cleared.</param>
    public void Set(int sensorId, Guid alert, bool isOpen, long at)
    {
        if (isOpen)
        {
            if (!_alarms.TryGetValue(sensorId, out var alerts))
            {
                _alarms[sensorId] = alerts = [];
            }

            alerts.Add(alert);
        }
        else if (_alarms.TryGetValue(sensorId, out var alerts) && alerts.Remove(alert) && alerts.Count == 0)
        {
            _alarms.Remove(sensorId);
        }

        if (Count >= condition.LimitOf(size))
        {
            _heldSince ??= at;
        }
        else
        {
            (_heldSince, _endedAt) = (null, at);
        }
    }

    /// <returns>What has happened to the alert of the group; null: nothing.</returns>
    public AlertTransition? Check(long now)
    {
        if (_heldSince is { } since && !Alert.IsOpen && now - dwell >= since)
        {
            var at = since + dwell;
            var transition = Alert.IsWithin(at, coolDown) ? AlertTransition.Reopened : AlertTransition.Raised;
            Alert = Alert.Raise(at, coolDown);
            return transition;
        }

        if (_heldSince is null && Alert.IsOpen)
        {
            Alert = Alert.Clear(_endedAt);
            return AlertTransition.Cleared;
        }

        return null;
    }
}
