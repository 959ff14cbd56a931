using System.Collections.Frozen;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Readings;
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
        rule.Selector.Tags.Count > 0 || rule.Selector.Sensors.Any(sensor => sensor.Name is not null);

    /// <param name="rules">The enabled rules.</param>
    /// <param name="before">Returned again if its rules and their sensors are the same.</param>
    /// <exception cref="WindowStoreUnavailableException">The store cannot be reached.</exception>
    /// <exception cref="FormatException">A template is invalid.</exception>
    public async Task<CompiledRules> CompileAsync(
        IReadOnlyList<AlertRule> rules, CompiledRules? before, CancellationToken cancellationToken)
    {
        var selected = new List<(AlertRule, FrozenSet<int>?)>(rules.Count);
        foreach (var rule in rules)
        {
            selected.Add((rule, await SensorsOfAsync(rule.Selector, cancellationToken)));
        }

        return before?.Has(selected) == true ? before : new(selected, measurements);
    }

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
