using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Alerts.Rules;

/// <summary>Rules as JSON.</summary>
public sealed class RuleDocumentTests
{
    private const long Second = RuledSensor.Second;
    private const string Selector = "\"selector\":{\"measurement\":\"temperature\"}";

    [Fact]
    public void Every_member_of_a_threshold_is_read()
    {
        var rule = Parse("""
            {"id":"warm.1_a-b","kind":"threshold","severity":"error","enabled":false,"above":30.5,"below":-5,"hysteresis":1,
             "dwell":"5m","dwell_readings":3,"cool_down":"PT1H","labels":{"team":"ops","floor":2},
             "runbook":"https://example.org/warm","message":"{{ value }}",
             "selector":{"measurement":"humidity","sensors":[7,"kitchen"],"tags":{"room":"kitchen"}}}
            """);
        Assert.Equal(("warm.1_a-b", AlertLevel.Error, false), (rule.Id, rule.Level, rule.IsEnabled));
        Assert.Equal(new ThresholdCondition { High = 30.5, Low = -5, Hysteresis = 1 }, rule.Condition);
        Assert.Equal((300 * Second, 3, 3600 * Second), (rule.DwellTime, rule.DwellReadings, rule.CoolDown));
        Assert.Equal(("2", "ops"), (rule.Labels["floor"], rule.Labels["team"]));
        Assert.Equal(("https://example.org/warm", "{{ value }}"), (rule.Runbook, rule.Message));
        Assert.Equal(("humidity", "kitchen"), (rule.Selector.Measurement, rule.Selector.Tags["room"]));
        Assert.Equal([new SensorRef(7, null), new(SensorName.NoNumber, "kitchen")], rule.Selector.Sensors);
    }

    [Fact]
    public void Every_member_of_a_rate_and_of_a_stuck_rule_is_read()
    {
        var rate = Parse($$"""
            {"kind":"rate","change":2,"per":"1h","min_interval":"30s","hysteresis":0.5,"direction":"fall",{{Selector}}}
            """);
        Assert.Equal(
            new RateCondition
            {
                Change = 2,
                Per = 3600 * Second,
                MinInterval = 30 * Second,
                Hysteresis = 0.5,
                Rises = false,
                Falls = true,
            },
            rate.Condition);
        var stuck = Parse($$"""{"kind":"stuck","for":"2h","tolerance":0.1,"factor":5,"warm_up":"2d",{{Selector}}}""");
        Assert.Equal(
            new StuckCondition { For = 7200 * Second, Tolerance = 0.1, Factor = 5, WarmUp = 172_800 * Second }, stuck.Condition);
    }

    [Fact]
    public void What_is_not_given_has_a_default()
    {
        var threshold = Parse($$"""{"kind":"threshold","above":30,{{Selector}},"below":null}""");
        Assert.Equal(("warm", AlertLevel.Warning, true), (threshold.Id, threshold.Level, threshold.IsEnabled));
        Assert.Equal((0, 1, DisconnectionRule.DefaultCoolDown), (threshold.DwellTime, threshold.DwellReadings, threshold.CoolDown));
        Assert.Equal((0, null, null), (threshold.Labels.Count, threshold.Runbook, threshold.Message));
        Assert.True(threshold.Selector.Sensors.IsEmpty);
        var rate = Parse($$"""{"kind":"rate","change":2,"per":"1h",{{Selector}}}""");
        Assert.Equal(new RateCondition { Change = 2, Per = 3600 * Second, MinInterval = 360 * Second }, rate.Condition);
        Assert.Equal(2, rate.DwellReadings);
        var stuck = Parse($$"""{"kind":"stuck","for":"2h",{{Selector}}}""");
        Assert.Equal(new StuckCondition { For = 7200 * Second }, stuck.Condition);
        Assert.Equal(2, stuck.DwellReadings);
    }

    [Theory]
    [InlineData("7", "A rule must be an object with id, kind and selector.")]
    [InlineData("[]", "A rule must be an object with id, kind and selector.")]
    [InlineData("""{"id":"Warm"}""", "\"id\" must be 1 to 64 lower-case letters, digits, dots, dashes or underscores")]
    [InlineData("""{"id":"extreme"}""", "other than disconnected and extreme; got \"extreme\".")]
    [InlineData("""{"id":""}""", "\"id\" must be a text of 1")]
    [InlineData("""{"id":"cold"}""", "\"id\" must be \"warm\", as in the address; got \"cold\".")]
    [InlineData(
        """{"above":1}""",
        "\"kind\" is missing; give threshold, rate, stuck, expression, disconnected, missing, window, group or compare.")]
    [InlineData(
        """{"kind":"absent",SELECTOR}""",
        "\"kind\" must be threshold, rate, stuck, expression, disconnected, missing, window, group or compare; got \"absent\".")]
    [InlineData("""{"kind":7,SELECTOR}""", "\"kind\" must be a text of 1 to 100 characters; got 7.")]
    [InlineData("""{"kind":"threshold"}""", "\"selector\" is missing; give an object.")]
    [InlineData("""{"kind":"threshold","selector":[]}""", "\"selector\" must be an object; got [].")]
    [InlineData("""{"kind":"threshold","selector":{}}""", "\"selector.measurement\" is missing; give one of temperature, humidity.")]
    [InlineData("""{"selector":{"measurement":"wind"}}""", "must be a declared measurement: temperature, humidity; got \"wind\".")]
    [InlineData("""{"selector":{"measurement":"humidity","sensor":[1]}}""", "\"selector.sensor\" is not a member of this rule")]
    [InlineData("""{"selector":{"measurement":"humidity","sensors":[]}}""", "\"selector.sensors\" must be a list of 1 to 10000 sensor")]
    [InlineData("""{"selector":{"measurement":"humidity","sensors":[1.5]}}""", "\"selector.sensors\" must be ids or names; got 1.5.")]
    [InlineData("""{"selector":{"measurement":"humidity","tags":["a"]}}""", "\"selector.tags\" must be an object of texts, such as")]
    [InlineData("""{"selector":{"measurement":"humidity","tags":{"a b":"c"}}}""", "The tag \"a b=c\" must have a key of letters")]
    [InlineData("""{"kind":"threshold",SELECTOR}""", "\"above\" or \"below\" is missing; give the limit as a number.")]
    [InlineData("""{"above":"30"}""", "\"above\" must be a number; got \"30\".")]
    [InlineData("""{"above":1e400}""", "\"above\" must be a number; got 1e400.")]
    [InlineData("""{"above":30,"hysteresis":-1}""", "\"hysteresis\" must be a number of at least 0; got -1.")]
    [InlineData("""{"above":30,"below":28,"hysteresis":1}""", "\"above\" must exceed \"below\" by more than twice \"hysteresis\"")]
    [InlineData("""{"above":30,"dwell":"5"}""", "\"dwell\" must be a duration, such as 30s, 15m, 24h, 7d or PT15M; got")]
    [InlineData("""{"above":30,"dwell":300}""", "\"dwell\" must be a duration, such as 30s, 15m, 24h, 7d or PT15M; got 300.")]
    [InlineData("""{"above":30,"cool_down":"-1s"}""", "\"cool_down\" must be a duration")]
    [InlineData("""{"above":30,"dwell_readings":0}""", "\"dwell_readings\" must be an integer from 1 to 100000; got 0.")]
    [InlineData("""{"above":30,"dwell_readings":1.5}""", "\"dwell_readings\" must be an integer from 1 to 100000; got 1.5.")]
    [InlineData("""{"above":30,"enabled":"yes"}""", "\"enabled\" must be true or false; got")]
    [InlineData("""{"above":30,"severity":"FATAL"}""", "\"severity\" must be WARNING or ERROR; got \"FATAL\".")]
    [InlineData("""{"above":30,"labels":{"a":[]}}""", "\"labels\" must be an object of texts, such as")]
    [InlineData("""{"above":30,"runbook":"javascript:alert(1)"}""", "\"runbook\" must be an address such as https:")]
    [InlineData("""{"above":30,"abvoe":31}""", "\"abvoe\" is not a member of this rule; use id, kind, selector, above, below, hysteresis")]
    [InlineData("""{"above":30,"above":31}""", "\"above\" is given twice; keep one.")]
    [InlineData("""{"above":30,"per":"1h"}""", "\"per\" is not a member of this rule")]
    [InlineData("""{"kind":"rate",SELECTOR}""", "\"change\" is missing; give the change as a number above 0.")]
    [InlineData("""{"kind":"rate",SELECTOR,"change":0}""", "\"change\" must be a number above 0; got 0.")]
    [InlineData("""{"kind":"rate",SELECTOR,"change":1}""", "\"per\" is missing; give the time of the change, such as 1h.")]
    [InlineData("""{"kind":"rate",SELECTOR,"change":1,"per":"0s"}""", "\"per\" must be a duration above 0, such as")]
    [InlineData("""{"kind":"rate",SELECTOR,"change":1,"per":"1h","hysteresis":1}""", "\"hysteresis\" must be below \"change\"")]
    [InlineData("""{"kind":"rate",SELECTOR,"change":1,"per":"1h","direction":"up"}""", "\"direction\" must be any, rise or fall; got")]
    [InlineData("""{"kind":"stuck",SELECTOR}""", "\"for\" is missing; give the time without a change, such as 1h.")]
    [InlineData("""{"kind":"stuck",SELECTOR,"for":"1h","factor":-1}""", "\"factor\" must be a number of at least 0; got -1.")]
    [InlineData("""{"kind":"stuck",SELECTOR,"for":"1h","tolerance":-1}""", "\"tolerance\" must be a number of at least 0; got -1.")]
    public void A_wrong_rule_is_refused_with_the_member_and_the_cure(string json, string says)
    {
        var text = json.Replace("SELECTOR", Selector, StringComparison.Ordinal);
        text = text.StartsWith("{\"selector", StringComparison.Ordinal) ? text.Insert(1, "\"kind\":\"threshold\",\"above\":1,")
            : text.StartsWith("{\"above\":", StringComparison.Ordinal) && json != """{"above":1}"""
                ? text.Insert(1, $"\"kind\":\"threshold\",{Selector},")
            : text;
        var e = Assert.Throws<FormatException>(() => Parse(text));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("9-warm_2.x", true)]
    [InlineData("-a", false)]
    [InlineData("a b", false)]
    [InlineData("a\n", false)]
    [InlineData("é", false)]
    [InlineData("disconnected", false)]
    public void An_id_has_one_form(string id, bool isValid)
    {
        Assert.Equal(isValid, AlertRule.IsId(id));
        Assert.Equal((true, false), (AlertRule.IsId(new('a', AlertRule.MaxId)), AlertRule.IsId(new('a', AlertRule.MaxId + 1))));
    }

    private static AlertRule Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var hasOwn = json.Contains("warm.1", StringComparison.Ordinal);
        return RuleDocument.Parse(document.RootElement, MeasurementSet.Default, hasOwn ? null : "warm");
    }
}
