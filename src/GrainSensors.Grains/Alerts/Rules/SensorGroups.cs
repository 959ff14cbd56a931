using System.Collections.Frozen;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Sensors;

namespace GrainSensors.Grains.Alerts.Rules;

/// <summary>The sensors of a rule about groups, by what they have in common.</summary>
internal sealed class SensorGroups(AlertRule rule, IReadOnlyDictionary<SensorTags, FrozenSet<int>> members)
{
    public AlertRule Rule => rule;

    public GroupCondition Condition { get; } = (GroupCondition)rule.Condition;

    public IReadOnlyDictionary<SensorTags, FrozenSet<int>> Members => members;

    private FrozenSet<int> All { get; } = members.Values.SelectMany(sensors => sensors).ToFrozenSet();

    /// <returns>Whether the alerts of a rule about a sensor count.</returns>
    public bool Counts(string ofRule, int sensorId) => Condition.Of.Contains(ofRule) && All.Contains(sensorId);

    /// <returns>Whether these are the groups of the same rule, by reference, with the same sensors.</returns>
    public bool Equals(SensorGroups other) => ReferenceEquals(rule, other.Rule)
        && members.Count == other.Members.Count
        && members.All(group => other.Members.TryGetValue(group.Key, out var sensors) && sensors.SetEquals(group.Value));
}
