using System.Collections.Frozen;
using System.Globalization;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Time;

namespace GrainSensors.Grains.Alerts.Rules;

/// <summary>The rules as data that are in force, and the texts of their alerts.</summary>
public sealed class CompiledRules
{
    private readonly IReadOnlyList<(AlertRule Rule, FrozenSet<int>? Sensors)> _selected;
    private readonly FrozenDictionary<string, AlertRule> _rules;
    private readonly FrozenDictionary<string, RuleTemplate> _templates;

    /// <param name="rules">The rules with the sensors that they select; null: all.</param>
    /// <exception cref="FormatException">A template is invalid.</exception>
    internal CompiledRules(IReadOnlyList<(AlertRule Rule, FrozenSet<int>? Sensors)> rules, Core.Readings.MeasurementSet? measurements)
    {
        _selected = rules;
        Set = rules.Count == 0 ? RuleSet.None : new(rules.Select(rule => rule.Rule.ToWatched(measurements!, rule.Sensors)));
        _rules = rules.ToFrozenDictionary(rule => rule.Rule.Id, rule => rule.Rule);
        _templates = rules.Where(rule => rule.Rule.Message is not null)
            .ToFrozenDictionary(rule => rule.Rule.Id, rule => new RuleTemplate(rule.Rule.Message!));
    }

    public static CompiledRules None { get; } = new([], null);

    public RuleSet Set { get; }

    /// <returns>Whether these are the rules, by reference, with the same sensors.</returns>
    internal bool Has(IReadOnlyList<(AlertRule Rule, FrozenSet<int>? Sensors)> rules) =>
        rules.Count == _selected.Count
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
        { Found: { } found } => found,
        { Kind: AlertKind.Disconnected, LastReadingAt: SensorWatch.Never } => "disconnected, no reading yet",
        { Kind: AlertKind.Disconnected } =>
            $"disconnected, no {(measurement.Length == 0 ? "reading" : measurement)} for {Duration(change.At - change.LastReadingAt)}",
        { Kind: AlertKind.Missing } => string.Create(
            CultureInfo.InvariantCulture,
            $"{change.Value:0} {(measurement.Length > 0 ? $"of {measurement}" : change.Value == 1 ? "reading" : "readings")}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{SubjectOf(rule?.Condition, measurement)} {change.Value:0.###}"),
    };

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
