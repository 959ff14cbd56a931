using System.Collections.Frozen;
using System.Globalization;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Sensors;
using GrainSensors.Core.Time;

namespace GrainSensors.Grains.Alerts.Rules;

/// <summary>The rules as data that are in force, and the texts of their alerts.</summary>
public sealed class CompiledRules
{
    private readonly IReadOnlyList<(AlertRule Rule, FrozenSet<int>? Sensors)> _selected;
    private readonly IReadOnlyList<SensorGroups> _groups;
    private readonly FrozenDictionary<string, AlertRule> _rules;
    private readonly FrozenDictionary<string, RuleTemplate> _templates;

    /// <param name="rules">The rules with the sensors that they select; null: all.</param>
    /// <exception cref="FormatException">A template is invalid.</exception>
    internal CompiledRules(
        IReadOnlyList<(AlertRule Rule, FrozenSet<int>? Sensors)> rules, IReadOnlyList<SensorGroups> groups,
        Core.Readings.MeasurementSet? measurements)
    {
        (_selected, _groups) = (rules, groups);
        (Groups, Compared) = ([.. groups.Where(group => group.Condition is not null)], [.. groups.Where(group => group.Condition is null)]);
        Set = rules.Count == 0 ? RuleSet.None : new(rules.Select(rule => rule.Rule.ToWatched(measurements!, rule.Sensors)));
        _rules = rules.Select(rule => rule.Rule).Concat(groups.Select(group => group.Rule)).ToFrozenDictionary(rule => rule.Id);
        _templates = _rules.Values.Where(rule => rule.Message is not null)
            .ToFrozenDictionary(rule => rule.Id, rule => new RuleTemplate(rule.Message!));
    }

    public static CompiledRules None { get; } = new([], [], null);

    /// <summary>The rules about sensors.</summary>
    public RuleSet Set { get; }

    /// <summary>The rules about groups of sensors.</summary>
    internal IReadOnlyList<SensorGroups> Groups { get; }

    /// <summary>The rules that compare sensors.</summary>
    internal IReadOnlyList<SensorGroups> Compared { get; }

    /// <returns>How long an alert waits for one of its group, in µs; 0 if no rule counts it.</returns>
    internal long WaitOf(string rule, int sensorId) =>
        Groups.Where(group => group.Counts(rule, sensorId)).Select(group => group.Condition!.Wait).DefaultIfEmpty().Max();

    /// <returns>Whether these are the rules, by reference, with the same sensors.</returns>
    internal bool Has(IReadOnlyList<(AlertRule Rule, FrozenSet<int>? Sensors)> rules, IReadOnlyList<SensorGroups> groups) =>
        groups.Count == _groups.Count && groups.Zip(_groups).All(pair => pair.First.IsSame(pair.Second))
        && rules.Count == _selected.Count
        && rules.Zip(_selected).All(pair => ReferenceEquals(pair.First.Rule, pair.Second.Rule)
            && (pair.First.Sensors is null
                ? pair.Second.Sensors is null
                : pair.Second.Sensors is not null && pair.First.Sensors.SetEquals(pair.Second.Sensors)));

    internal AlertRule? Find(string id) => _rules.GetValueOrDefault(id);

    /// <returns>The text of a raised alert, without the sensor.</returns>
    internal string Text(in AlertChange change, RuleKey key, string measurement)
    {
        var rule = Find(key.Id);
        var text = rule is null ? null : Rendered(rule, change, measurement);
        if (text is { Length: > 0 })
        {
            return text;
        }

        return $"{Found(rule, change, measurement)}{Reason(rule?.Condition, change)}, rule {key.Id}";
    }

    /// <returns>What the rule of an alert found: <c>temperature 31.2</c>, <c>12 readings</c>.</returns>
    internal string Found(in AlertChange change, string measurement) => Found(Find(change.Rule?.Id ?? ""), change, measurement);

    private static string Found(AlertRule? rule, in AlertChange change, string measurement) => change switch
    {
        { Kind: AlertKind.Compare, Found: { } found } => $"{measurement} {found}",
        { Found: { } found } => found,
        { Kind: AlertKind.Disconnected, LastReadingAt: SensorWatch.Never } => "disconnected, no reading yet",
        { Kind: AlertKind.Disconnected } =>
            $"disconnected, no {(measurement.Length == 0 ? "reading" : measurement)} for {Duration(change.At - change.LastReadingAt)}",
        { Kind: AlertKind.Missing } => string.Create(
            CultureInfo.InvariantCulture,
            $"{change.Value:0} {(measurement.Length > 0 ? $"of {measurement}" : change.Value == 1 ? "reading" : "readings")}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{SubjectOf(rule?.Condition, measurement)} {change.Value:0.###}"),
    };

    /// <returns>The text of the alert that a group raises.</returns>
    internal string GroupText(SensorGroups groups, SensorTags group, GroupWatch watch)
    {
        var (rule, condition) = (groups.Rule, groups.Condition!);
        var text = _templates.GetValueOrDefault(rule.Id)?.Render(new()
        {
            ["rule"] = rule.Id,
            ["kind"] = condition.Kind.Name(),
            ["level"] = rule.Level.Name(),
            ["group"] = $"{group}",
            ["value"] = watch.Count,
            ["limit"] = condition.LimitOf(watch.Size),
            ["size"] = watch.Size,
            ["at"] = EpochTime.ToIso8601(watch.Alert.LastRaisedAt),
            ["occurrences"] = watch.Alert.Occurrences,
            ["runbook"] = rule.Runbook,
            ["labels"] = rule.Labels.ToDictionary(),
        });
        return text is { Length: > 0 }
            ? text
            : $"{watch.Count} of {watch.Size} sensors in alarm ({string.Join(", ", condition.Of)}), rule {rule.Id}";
    }

    private static string SubjectOf(RuleCondition? condition, string measurement) => condition is WindowCondition window
        ? $"{window.Statistic.Name} of {measurement} over {Duration(window.Per)}"
        : measurement;

    private string? Rendered(AlertRule rule, in AlertChange change, string measurement) =>
        _templates.GetValueOrDefault(rule.Id)?.Render(new()
        {
            ["rule"] = rule.Id,
            ["kind"] = rule.Condition.Kind.Name(),
            ["level"] = rule.Level.Name(),
            ["sensor_id"] = change.SensorId,
            ["measurement"] = measurement,
            ["value"] = change.Value,
            ["limit"] = LimitOf(rule.Condition, change),
            ["at"] = EpochTime.ToIso8601(change.At),
            ["occurrences"] = change.Occurrences,
            ["runbook"] = rule.Runbook,
            ["labels"] = rule.Labels.ToDictionary(),
        });

    private static double? LimitOf(RuleCondition condition, in AlertChange change) => condition switch
    {
        ThresholdCondition threshold => change.Value < threshold.Low ? threshold.Low : threshold.High,
        WindowCondition window => LimitOf(window.Limits, change),
        RateCondition rate => rate.Change,
        MissingCondition missing => missing.Least ?? (missing.Share * change.Expected),
        _ => null,
    };

    private static string Reason(RuleCondition? condition, in AlertChange change) => condition switch
    {
        ThresholdCondition threshold => string.Create(
            CultureInfo.InvariantCulture, $", {(change.Value < threshold.Low ? $"below {threshold.Low}" : $"above {threshold.High}")}"),
        WindowCondition window => Reason(window.Limits, change),
        RateCondition rate => string.Create(CultureInfo.InvariantCulture, $", a change of {rate.Change} or more in {Duration(rate.Per)}"),
        StuckCondition stuck => $", unchanged for {Duration(stuck.For)} or longer",
        MissingCondition missing => string.Create(
            CultureInfo.InvariantCulture,
            $" in {Duration(missing.Per)}, fewer than {(missing.Least is { } least ? $"{least}"
                : $"{100 * missing.Share:0.##} % of the usual {change.Expected:0}")}"),
        ExpressionCondition expression => $", {expression.Expression.Text}",
        _ => "",
    };

    private static string Duration(long micros) => Durations.Format(EpochTime.ToTimeSpan(micros));
}
