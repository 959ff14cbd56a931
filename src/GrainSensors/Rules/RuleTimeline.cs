using GrainSensors.Core.Alerts;

namespace GrainSensors.Rules;

/// <summary>The intervals during which alerts of rules would have been open.</summary>
internal sealed class RuleTimeline
{
    private readonly Dictionary<(int, string, int), int> _open = [];
    private readonly List<Interval> _intervals = [];

    /// <summary>From a raising or reopening to the clearing. Times are in µs since the epoch.</summary>
    /// <param name="To">Null: open at the end.</param>
    public sealed record Interval(int SensorId, RuleKey Rule, long From, long? To, double Value, bool IsReopened);

    public IReadOnlyList<Interval> Intervals => _intervals;

    public void Add(AlertChange change)
    {
        var rule = change.Rule ?? new(change.Kind.Name(), change.Kind, change.Measurement, AlertNames.LevelOf(change.Kind));
        var key = (change.SensorId, rule.Id, rule.Measurement);
        if (change.Transition != AlertTransition.Cleared)
        {
            _open[key] = _intervals.Count;
            _intervals.Add(new(
                change.SensorId, rule, change.At, null, change.Value, change.Transition == AlertTransition.Reopened));
        }
        else if (_open.Remove(key, out var index))
        {
            _intervals[index] = _intervals[index] with { To = change.At };
        }
    }
}
