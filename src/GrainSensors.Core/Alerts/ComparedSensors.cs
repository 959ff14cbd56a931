using System.Globalization;

namespace GrainSensors.Core.Alerts;

/// <summary>Watches the sensors of a rule that compares them, window by window.</summary>
/// <param name="rule">Has a <see cref="CompareCondition"/>.</param>
public sealed class ComparedSensors(WatchedRule rule)
{
    private readonly CompareCondition _condition = (CompareCondition)rule.Condition;
    private readonly Dictionary<int, RuleWatch> _watches = [];
    private readonly List<AlertChange> _ignored = [];

    /// <summary>The sensors whose alert is open.</summary>
    public IEnumerable<int> Open => _watches.Where(watch => watch.Value.Alert.IsOpen).Select(watch => watch.Key);

    /// <summary>Sets the last alert of a sensor.</summary>
    public void Restore(int sensorId, AlertState alert)
    {
        var watch = _watches.GetValueOrDefault(sensorId);
        watch.Restore(alert);
        _watches[sensorId] = watch;
    }

    /// <summary>Judges the window of a sensor. Windows come in the order of their time.</summary>
    /// <param name="isNew">False: the window was judged before, and only a dwell is to be known again.</param>
    public void Judge(in ComparedMean mean, bool isNew, ICollection<AlertChange> changes)
    {
        var difference = mean.Value - mean.Reference;
        if (double.IsNaN(difference))
        {
            return;
        }

        var watch = _watches.GetValueOrDefault(mean.SensorId);
        var (before, raised) = (watch.Alert, new List<AlertChange>());
        var value = new WatchedValue(mean.SensorId, rule.Key.Measurement, mean.Value, mean.End, mean.End);
        watch.Judge(_condition.Limits.VerdictOf(difference), value, rule, isNew ? raised : _ignored);
        if (!isNew)
        {
            watch.Restore(before);
        }

        _watches[mean.SensorId] = watch;
        foreach (var change in raised)
        {
            changes.Add(change with
            {
                Expected = mean.Reference,
                LastReadingAt = SensorWatch.Never,
                Found = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{mean.Value:0.###}, {Math.Abs(difference):0.###} {(difference < 0 ? "below" : "above")} {mean.Reference:0.###}"),
            });
        }
    }

    /// <summary>Clears the alert of a sensor to which the rule no longer applies.</summary>
    /// <param name="at">µs since the epoch.</param>
    public void Remove(int sensorId, long at, ICollection<AlertChange> changes)
    {
        if (_watches.Remove(sensorId, out var watch))
        {
            watch.Dismiss(new(sensorId, rule.Key.Measurement, double.NaN, at, SensorWatch.Never), rule.Key, isRuleGone: true, changes);
        }
    }
}

/// <summary>The mean of a window of a sensor, and what it is compared with.</summary>
/// <param name="End">Of the window, µs since the epoch.</param>
/// <param name="Reference">NaN: there is nothing to compare with.</param>
public readonly record struct ComparedMean(int SensorId, long End, double Value, double Reference);
