using GrainSensors.Core.Alerts;
using GrainSensors.Core.Sensors;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Grains.Alerts.Groups;

/// <summary>A group of sensors under a rule.</summary>
/// <param name="last">The last alert of the group; null: none.</param>
internal sealed class WatchedGroup(SensorGroups groups, SensorTags group, int size, Alert? last)
{
    public (string Rule, SensorTags Group) Key => (groups.Rule.Id, group);

    public GroupWatch Watch { get; } = new(groups.Condition!, size, groups.Rule.DwellTime, groups.Rule.CoolDown)
    {
        Alert = last?.State ?? default,
    };

    /// <returns>Whether an alert about a sensor of the group counts.</returns>
    public bool Counts(Alert alert) => groups.Condition!.Of.Contains(alert.Rule);

    public void Take(Alert alert) =>
        Watch.Set(alert.SensorId, alert.Id, alert.ClearedAt is null, alert.ClearedAt ?? alert.LastRaisedAt);

    /// <returns>The alert of the group, which has just been raised or cleared.</returns>
    public Alert ToRow(CompiledRules rules)
    {
        var (state, rule) = (Watch.Alert, groups.Rule);
        var text = state.IsOpen
            ? rules.GroupText(groups, group, Watch)
            : $"rule {rule.Id} cleared, {Watch.Count} of {Watch.Size} sensors in alarm";
        var id = AlertId.Of(Alert.NoSensor, $"{group}", AlertKind.Group, state.RaisedAt, rule.Id);
        return new(
            id, Alert.NoSensor, "", AlertKind.Group, rule.Level, state.RaisedAt, state.LastRaisedAt,
            state.IsOpen ? null : state.ClearedAt, state.Occurrences, Watch.Count, Watch.Size, null,
            $"{Alert.SubjectOf(group)}: {text}")
        {
            Rule = rule.Id,
            Labels = rule.Labels,
            Runbook = rule.Runbook,
            Group = group,
        };
    }
}
