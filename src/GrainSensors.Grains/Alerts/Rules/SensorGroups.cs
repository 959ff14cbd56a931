using System.Collections.Frozen;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Sensors;

namespace GrainSensors.Grains.Alerts.Rules;

/// <summary>The sensors of a rule about several of them, by what they have in common.</summary>
/// <param name="reference">The sensor that the others are compared with; null: none.</param>
internal sealed class SensorGroups(AlertRule rule, IReadOnlyDictionary<SensorTags, FrozenSet<int>> members, int? reference)
{
    public AlertRule Rule => rule;

    /// <summary>Null: the rule compares sensors.</summary>
    public GroupCondition? Condition { get; } = rule.Condition as GroupCondition;

    public int? Reference => reference;

    public IReadOnlyDictionary<SensorTags, FrozenSet<int>> Members => members;

    public FrozenSet<int> All { get; } = members.Values.SelectMany(sensors => sensors).ToFrozenSet();

    /// <returns>Whether the alerts of a rule about a sensor count.</returns>
    public bool Counts(string ofRule, int sensorId) => Condition?.Of.Contains(ofRule) == true && All.Contains(sensorId);

    /// <returns>Whether these are the groups of the same rule, by reference, with the same sensors.</returns>
    public bool IsSame(SensorGroups other) => ReferenceEquals(rule, other.Rule) && reference == other.Reference
        && members.Count == other.Members.Count
        && members.All(group => other.Members.TryGetValue(group.Key, out var sensors) && sensors.SetEquals(group.Value));
}
