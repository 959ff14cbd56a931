using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Readings;
using GrainSensors.Grains.Alerts;
using GrainSensors.Grains.Alerts.Rules;

namespace GrainSensors.Grains.Tests.Alerts;

/// <summary>The texts of the alerts of rules as data without a template.</summary>
public sealed class RuleTextTests
{
    [Fact]
    public void An_expression_says_what_its_measurements_were()
    {
        const string Rule = """{"id":"damp","kind":"expression","expression":"temperature > 30 && humidity > 80","selector":{}}""";
        Assert.Equal(
            "Sensor 7: temperature 31.2, humidity 85, temperature > 30 && humidity > 80, rule damp",
            Text(Rule, 31.2, change => change with { Found = "temperature 31.2, humidity 85" }));
        Assert.Equal(
            "Sensor 7: rule damp cleared, temperature 29",
            Text(Rule, 29, change => change with { Transition = AlertTransition.Cleared }));
    }

    [Fact]
    public void A_disconnection_says_for_how_long_what_was_missing()
    {
        const string Rule = """{"id":"silent","kind":"disconnected","timeout":"10m","selector":{}}""";
        const long Minute = 60_000_000;
        Assert.Equal(
            "Sensor 7: disconnected, no reading for 10m, rule silent",
            Text(Rule, double.NaN, change => change with { LastReadingAt = Minute, At = 11 * Minute }));
        Assert.Equal(
            "Sensor 7: disconnected, no humidity for 10m, rule silent",
            Text(
                Rule.Replace("{}", """{"measurement":"humidity"}""", StringComparison.Ordinal), double.NaN,
                change => change with { LastReadingAt = Minute, At = 11 * Minute }));
        Assert.Equal(
            "Sensor 7: disconnected, no reading yet, rule silent",
            Text(Rule, double.NaN, change => change with { LastReadingAt = SensorWatch.Never }));
        Assert.Equal(
            "Sensor 7: connected again, rule silent",
            Text(Rule, 20, change => change with { Transition = AlertTransition.Cleared }));
    }

    [Fact]
    public void Missing_readings_say_how_many_there_were_and_should_have_been()
    {
        const string Rule = """{"id":"gaps","kind":"missing","per":"15m","selector":{}}""";
        Assert.Equal(
            "Sensor 7: 12 readings in 15m, fewer than 50 % of the usual 900, rule gaps",
            Text(Rule, 12, change => change with { Expected = 900 }));
        Assert.Equal(
            "Sensor 7: 1 of humidity in 15m, fewer than 100, rule gaps",
            Text(
                Rule.Replace("{}", """{"measurement":"humidity"},"least":100""", StringComparison.Ordinal), 1, change => change));
        Assert.Equal(
            "Sensor 7: rule gaps cleared, 850 readings",
            Text(Rule, 850, change => change with { Transition = AlertTransition.Cleared }));
    }

    [Fact]
    public void A_window_says_which_statistic_of_what_was_beyond_the_limit()
    {
        const string Rule =
            """{"id":"warm","kind":"window","per":"15m","statistic":"mean","above":30,"below":5,"""
            + """ "selector":{"measurement":"temperature"}}""";
        Assert.Equal("Sensor 7: mean of temperature over 15m 31.2, above 30, rule warm", Text(Rule, 31.2, change => change));
        Assert.Equal("Sensor 7: mean of temperature over 15m 4.5, below 5, rule warm", Text(Rule, 4.5, change => change));
        Assert.Equal(
            "Sensor 7: p95 of temperature over 1h 31.257, above 30, rule warm",
            Text(
                Rule.Replace("15m", "60m", StringComparison.Ordinal).Replace("mean", "p95", StringComparison.Ordinal), 31.2567,
                change => change));
        Assert.Equal(
            "Sensor 7: rule warm cleared, mean of temperature over 15m 29",
            Text(Rule, 29, change => change with { Transition = AlertTransition.Cleared }));
        Assert.Equal(
            "31.2 > 30",
            Text(
                Rule.Replace("\"per\"", "\"message\":\"{{ value }} > {{ limit }}\",\"per\"", StringComparison.Ordinal), 31.2,
                change => change)["Sensor 7: ".Length..]);
    }

    [Fact]
    public void A_built_in_rule_that_was_turned_off_clears_its_alert()
    {
        var change = new AlertChange(
            7, AlertChange.WholeSensor, AlertKind.Disconnected, AlertTransition.Cleared, 1, 1, 2, double.NaN, double.NaN, 1, 1);
        Assert.Equal(
            "Sensor 7: rule disconnected no longer applies",
            new AlertTexts(MeasurementSet.Default).Of(change with { IsRuleGone = true }).Row.Message);
    }

    private static string Text(string json, double value, Func<AlertChange, AlertChange> with)
    {
        using var document = JsonDocument.Parse(json);
        var rule = RuleDocument.Parse(document.RootElement, MeasurementSet.Default);
        var key = rule.ToWatched(MeasurementSet.Default, null).Key;
        var change = new AlertChange(
            7, key.Measurement, key.Kind, AlertTransition.Raised, 1, 1, 1, value, double.NaN, 1, 1)
        { Rule = key };
        var texts = new AlertTexts(MeasurementSet.Default) { Rules = new CompiledRules([(rule, null)], [], MeasurementSet.Default) };
        return texts.Of(with(change)).Row.Message;
    }
}
