using System.Globalization;
using System.Text;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Terminal;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Rules;

/// <summary>What rules would have raised over a recording.</summary>
internal sealed record RuleTestReport(string File, long Readings, int Sensors, IReadOnlyList<RuleTestReport.OfRule> Rules)
{
    /// <param name="Alerts">Number of intervals.</param>
    public sealed record OfRule(string Rule, int Alerts, IReadOnlyList<OfSensor> Sensors, IReadOnlyList<Raised> Timeline);

    /// <param name="AlertSeconds">Sum of the closed intervals.</param>
    public sealed record OfSensor(SensorRef SensorId, int Alerts, double AlertSeconds);

    /// <param name="ClearedAt">Null: open at the end of the recording.</param>
    /// <param name="Value">Null: the sensor is silent.</param>
    /// <param name="Reopened">Whether the interval belongs to the alert before it.</param>
    public sealed record Raised(
        SensorRef SensorId, string Level, string RaisedAt, string? ClearedAt, double? Value, bool Reopened);

    /// <param name="sensors">The sensors by number.</param>
    /// <param name="from">Earliest time of raising, µs since the epoch.</param>
    public static RuleTestReport Of(
        string file,
        long readings,
        IReadOnlyDictionary<int, SensorRef> sensors,
        IReadOnlyList<string> rules,
        RuleTimeline timeline,
        long from)
    {
        var byRule = timeline.Intervals.Where(interval => interval.From >= from).ToLookup(interval => interval.Rule.Id);
        var inOrder = Comparer<SensorRef>.Create(SensorRef.Compare);
        return new(
            file,
            readings,
            sensors.Count,
            [
                .. rules.Select(rule => new OfRule(
                    rule,
                    byRule[rule].Count(),
                    [
                        .. byRule[rule].GroupBy(interval => sensors[interval.SensorId])
                            .OrderBy(sensor => sensor.Key, inOrder)
                            .Select(sensor => new OfSensor(sensor.Key, sensor.Count(), sensor.Sum(Seconds))),
                    ],
                    [
                        .. byRule[rule].OrderBy(interval => interval.From).ThenBy(interval => sensors[interval.SensorId], inOrder)
                            .Select(interval => new Raised(
                                sensors[interval.SensorId],
                                interval.Rule.Level.Name(),
                                EpochTime.ToIso8601(interval.From),
                                interval.To is { } to ? EpochTime.ToIso8601(to) : null,
                                double.IsNaN(interval.Value) ? null : interval.Value,
                                interval.IsReopened)),
                    ])),
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
            text.Append(culture, $"\n{rule.Rule}: {Plural.Of(rule.Alerts, "alert")} of {Plural.Of(rule.Sensors.Count, "sensor")}");
            foreach (var sensor in rule.Sensors)
            {
                text.Append(culture, $"\n  sensor {sensor.SensorId}: {Plural.Of(sensor.Alerts, "alert")}, {sensor.AlertSeconds:0} s");
            }

            foreach (var raised in rule.Timeline)
            {
                text.Append(
                    culture,
                    $"\n  {raised.RaisedAt} to {raised.ClearedAt ?? "the end"}: sensor {raised.SensorId}");
                text.Append(raised.Value is { } value ? string.Create(culture, $", {value:0.###}") : "");
                text.Append(raised.Reopened ? ", reopened" : "");
            }
        }

        return text.ToString();
    }

    private static double Seconds(RuleTimeline.Interval interval) => ((interval.To ?? interval.From) - interval.From) / 1e6;
}
