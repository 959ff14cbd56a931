using GrainSensors.Core.Alerts;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Sensors;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Rules;

/// <summary>A rule about groups in a test.</summary>
/// <param name="members">The sensors by group; null: those of the recording are one group.</param>
internal sealed class TestedGroups(AlertRule rule, IReadOnlyDictionary<SensorTags, HashSet<int>>? members)
{
    private readonly GroupCondition _condition = (GroupCondition)rule.Condition;

    /// <summary>From a raising or reopening to the clearing. Times are in µs since the epoch.</summary>
    /// <param name="To">Null: open at the end.</param>
    /// <param name="Count">The number of sensors in alarm.</param>
    public sealed record Interval(AlertRule Rule, string Group, long From, long? To, int Count, bool IsReopened);

    /// <param name="alerts">The intervals of alerts about sensors.</param>
    /// <param name="recorded">The sensors of the recording.</param>
    /// <param name="end">The time of the last reading.</param>
    public IEnumerable<Interval> Apply(IReadOnlyList<RuleTimeline.Interval> alerts, IReadOnlyCollection<int> recorded, long end)
    {
        var counted = alerts.Where(alert => _condition.Of.Contains(alert.Rule.Id)).ToList();
        foreach (var (group, sensors) in members ?? new Dictionary<SensorTags, HashSet<int>> { [SensorTags.None] = [.. recorded] })
        {
            foreach (var interval in Apply(group, sensors.Count, [.. counted.Where(alert => sensors.Contains(alert.SensorId))], end))
            {
                yield return interval;
            }
        }
    }

    private List<Interval> Apply(SensorTags group, int size, IReadOnlyList<RuleTimeline.Interval> alerts, long end)
    {
        var watch = new GroupWatch(_condition, size, rule.DwellTime, rule.CoolDown);
        var intervals = new List<Interval>();
        var events = alerts
            .SelectMany((alert, i) => new (long At, bool IsOpen, int Alert)[]
            {
                (alert.From, true, i), (alert.To ?? long.MaxValue, false, i),
            })
            .Where(change => change.At <= end).OrderBy(change => change.At).ThenBy(change => change.IsOpen);
        foreach (var (at, isOpen, i) in events)
        {
            // What has dwelt by now is raised before something changes.
            Check(at - 1);
            watch.Set(alerts[i].SensorId, new(i, 0, 0, new byte[8]), isOpen, at);
            Check(at);
        }

        Check(end);
        return intervals;

        void Check(long now)
        {
            switch (watch.Check(now))
            {
                case AlertTransition.Cleared:
                    intervals[^1] = intervals[^1] with { To = watch.Alert.ClearedAt };
                    break;
                case { } raised:
                    intervals.Add(new(
                        rule, Alert.SubjectOf(group), watch.Alert.LastRaisedAt, null, watch.Count, raised == AlertTransition.Reopened));
                    break;
            }
        }
    }
}
