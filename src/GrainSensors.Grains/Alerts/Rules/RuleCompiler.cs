using System.Collections.Frozen;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;
using GrainSensors.Storage.Labels;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Sensors;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Alerts.Rules;

/// <summary>Finds the sensors that rules select.</summary>
public sealed class RuleCompiler(MeasurementSet measurements, ISensorNames names, ISensorRegistry registry)
{
    public MeasurementSet Measurements => measurements;

    /// <returns>Whether the sensors of the rule depend on the registry or on names.</returns>
    public static bool IsByRegistry(AlertRule rule) =>
        rule.Condition is SelectionCondition || rule.Selector.Tags.Count > 0
        || rule.Selector.Sensors.Any(sensor => sensor.Name is not null);

    /// <param name="rules">The enabled rules.</param>
    /// <param name="before">Returned again if its rules and their sensors are the same.</param>
    /// <exception cref="WindowStoreUnavailableException">The store cannot be reached.</exception>
    /// <exception cref="FormatException">A template is invalid.</exception>
    public async Task<CompiledRules> CompileAsync(
        IReadOnlyList<AlertRule> rules, CompiledRules? before, CancellationToken cancellationToken)
    {
        var selected = new List<(AlertRule, FrozenSet<int>?)>(rules.Count);
        var groups = new List<SensorGroups>();
        foreach (var rule in rules)
        {
            var sensors = await SensorsOfAsync(rule.Selector, cancellationToken);
            if (rule.Condition is SelectionCondition condition)
            {
                groups.Add(new(
                    rule, await GroupsOfAsync(condition, rule.Selector, sensors, cancellationToken),
                    await ReferenceOfAsync(condition, cancellationToken)));
            }
            else
            {
                selected.Add((rule, sensors));
            }
        }

        return before?.Has(selected, groups) == true ? before : new(selected, groups, measurements);
    }

    private async Task<int?> ReferenceOfAsync(SelectionCondition condition, CancellationToken cancellationToken) =>
        condition is not CompareCondition { Reference: { } reference } ? null
        : reference.Name is { } name ? (await names.FindAsync([name], cancellationToken))[0]
        : reference.Id;

    /// <param name="selected">The selected sensors; null: all registered ones.</param>
    private async Task<IReadOnlyDictionary<SensorTags, FrozenSet<int>>> GroupsOfAsync(
        SelectionCondition condition, RuleSelector selector, FrozenSet<int>? selected, CancellationToken cancellationToken)
    {
        if (condition.By.IsEmpty && selected is not null)
        {
            return new Dictionary<SensorTags, FrozenSet<int>> { [SensorTags.None] = selected };
        }

        var groups = new Dictionary<SensorTags, List<int>>();
        await foreach (var sensor in registry.ReadAllAsync(selector.Tags, cancellationToken))
        {
            if (selected?.Contains(sensor.SensorId) == false || GroupOf(sensor, condition) is not { } key)
            {
                continue;
            }

            if (!groups.TryGetValue(key, out var members))
            {
                groups[key] = members = [];
            }

            members.Add(sensor.SensorId);
        }

        return groups.ToDictionary(group => group.Key, group => group.Value.ToFrozenSet());
    }

    /// <returns>The group to which a registered sensor belongs; null: none.</returns>
    public static SensorTags? GroupOf(RegisteredSensor sensor, SelectionCondition condition)
    {
        var common = condition.By.Select(name => (Name: name, Value: ValueOf(sensor, name))).ToList();
        return common.Exists(value => value.Value is null)
            ? null
            : SensorTags.OfStored(common.Select(value => KeyValuePair.Create(value.Name, value.Value!)));
    }

    private static string? ValueOf(RegisteredSensor sensor, string name) => name switch
    {
        AlertLabels.City => sensor.City,
        AlertLabels.Station => sensor.Station,
        _ => sensor.Tags.GetValueOrDefault(name),
    };

    /// <returns>Null: all.</returns>
    private async Task<FrozenSet<int>?> SensorsOfAsync(RuleSelector selector, CancellationToken cancellationToken)
    {
        HashSet<int>? sensors = null;
        if (!selector.Sensors.IsEmpty)
        {
            var named = selector.Sensors.Where(sensor => sensor.Name is not null).Select(sensor => sensor.Name!).ToList();
            var numbers = named.Count == 0 ? [] : await names.FindAsync(named, cancellationToken);
            sensors =
            [
                .. selector.Sensors.Where(sensor => sensor.Name is null).Select(sensor => sensor.Id),
                .. numbers.Where(number => number != SensorName.NoNumber),
            ];
        }

        if (selector.Tags.Count > 0)
        {
            var tagged = await registry.ReadAllAsync(selector.Tags, cancellationToken).Select(sensor => sensor.SensorId)
                .ToHashSetAsync(cancellationToken: cancellationToken);
            tagged.IntersectWith(sensors ?? tagged);
            sensors = tagged;
        }

        return sensors?.ToFrozenSet();
    }
}
