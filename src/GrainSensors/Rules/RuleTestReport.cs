using System.Globalization;
using System.Text;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Terminal;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Rules;

/// <summary>What rules would have raised over a recording.</summary>
internal sealed record RuleTestReport(string File, long Readings, int Sensors, IReadOnlyList<RuleTestReport.OfRule> Rules)
{
    /// <param name="Alerts">Number of intervals.</param>
    /// <param name="Groups">Null: the rule is about sensors.</param>
    public sealed record OfRule(
        string Rule, int Alerts, IReadOnlyList<OfSensor> Sensors, IReadOnlyList<OfGroup>? Groups, IReadOnlyList<Raised> Timeline);

    /// <param name="Group">What its sensors have in common.</param>
    public sealed record OfGroup(string Group, int Alerts, double AlertSeconds);

    /// <param name="AlertSeconds">Sum of the closed intervals.</param>
    public sealed record OfSensor(SensorRef SensorId, int Alerts, double AlertSeconds);

    /// <param name="ClearedAt">Null: open at the end of the recording.</param>
    /// <param name="SensorId">Null: the alert is about a group.</param>
    /// <param name="Value">Null: the sensor is silent. Of a group the number of sensors in alarm.</param>
    /// <param name="Reopened">Whether the interval belongs to the alert before it.</param>
    public sealed record Raised(
        SensorRef? SensorId, string Level, string RaisedAt, string? ClearedAt, double? Value, bool Reopened, string? Group = null);

    /// <param name="sensors">The sensors by number.</param>
    /// <param name="from">Earliest time of raising, µs since the epoch.</param>
    public static RuleTestReport Of(
        string file,
        long readings,
        IReadOnlyDictionary<int, SensorRef> sensors,
        IReadOnlyList<AlertRule> rules,
        RuleTimeline timeline,
        IReadOnlyList<TestedGroups.Interval> groups,
        long from)
    {
        var byGroup = groups.Where(interval => interval.From >= from).ToLookup(interval => interval.Rule.Id);
        var byRule = timeline.Intervals.Where(interval => interval.From >= from).ToLookup(interval => interval.Rule.Id);
        return new(
            file,
            readings,
            sensors.Count,
            [
                .. rules.Select(rule => rule.Condition is GroupCondition
                    ? OfGroups(rule.Id, byGroup[rule.Id])
                    : OfSensors(rule.Id, byRule[rule.Id], sensors)),
            ]);
    }

    private static OfRule OfSensors(
        string rule, IEnumerable<RuleTimeline.Interval> intervals, IReadOnlyDictionary<int, SensorRef> sensors)
    {
        var inOrder = Comparer<SensorRef>.Create(SensorRef.Compare);
        var all = intervals.OrderBy(interval => interval.From).ThenBy(interval => sensors[interval.SensorId], inOrder).ToList();
        return new(
            rule,
            all.Count,
            [
                .. all.GroupBy(interval => sensors[interval.SensorId]).OrderBy(sensor => sensor.Key, inOrder)
                    .Select(sensor => new OfSensor(
                        sensor.Key, sensor.Count(), sensor.Sum(interval => Seconds(interval.From, interval.To)))),
            ],
            null,
            [
                .. all.Select(interval => new Raised(
                    sensors[interval.SensorId],
                    interval.Rule.Level.Name(),
                    EpochTime.ToIso8601(interval.From),
                    interval.To is { } to ? EpochTime.ToIso8601(to) : null,
                    double.IsNaN(interval.Value) ? null : interval.Value,
                    interval.IsReopened)),
            ]);
    }

    private static OfRule OfGroups(string rule, IEnumerable<TestedGroups.Interval> intervals)
    {
        var all = intervals.OrderBy(interval => interval.From).ThenBy(interval => interval.Group, StringComparer.Ordinal).ToList();
        return new(
            rule,
            all.Count,
            [],
            [
                .. all.GroupBy(interval => interval.Group).OrderBy(group => group.Key, StringComparer.Ordinal)
                    .Select(group => new OfGroup(group.Key, group.Count(), group.Sum(interval => Seconds(interval.From, interval.To)))),
            ],
            [
                .. all.Select(interval => new Raised(
                    null,
                    interval.Rule.Level.Name(),
                    EpochTime.ToIso8601(interval.From),
                    interval.To is { } to ? EpochTime.ToIso8601(to) : null,
                    interval.Count,
                    interval.IsReopened,
                    interval.Group)),
            ]);
    }

    public string ToJson() => JsonOutput.Of(this);

    public string ToText()
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        text.Append(culture, $"{File}: {Plural.Of(Readings, "reading")} of {Plural.Of(Sensors, "sensor")}");
        foreach (var rule in Rules)
        {
            var subjects = rule.Groups is { } groups ? Plural.Of(groups.Count, "group") : Plural.Of(rule.Sensors.Count, "sensor");
            text.Append(culture, $"\n{rule.Rule}: {Plural.Of(rule.Alerts, "alert")} of {subjects}");
            foreach (var sensor in rule.Sensors)
            {
                text.Append(culture, $"\n  sensor {sensor.SensorId}: {Plural.Of(sensor.Alerts, "alert")}, {sensor.AlertSeconds:0} s");
            }

            foreach (var group in rule.Groups ?? [])
            {
                text.Append(culture, $"\n  {group.Group}: {Plural.Of(group.Alerts, "alert")}, {group.AlertSeconds:0} s");
            }

            foreach (var raised in rule.Timeline)
            {
                var subject = raised.Group ?? $"sensor {raised.SensorId}";
                text.Append(culture, $"\n  {raised.RaisedAt} to {raised.ClearedAt ?? "the end"}: {subject}");
                text.Append(raised.Value is { } value ? string.Create(culture, $", {value:0.###}") : "");
                text.Append(raised.Reopened ? ", reopened" : "");
            }
        }

        return text.ToString();
    }

    private static double Seconds(long from, long? to) => ((to ?? from) - from) / 1e6;
}
