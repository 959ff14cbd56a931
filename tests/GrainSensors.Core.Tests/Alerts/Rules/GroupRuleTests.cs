using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Alerts.Rules;

/// <summary>Rules about groups of sensors.</summary>
public sealed class GroupRuleTests
{
    private const long Second = RuledSensor.Second;

    private static readonly GroupCondition Half = new() { Of = ["disconnected"] };

    [Fact]
    public void Every_member_is_read_and_has_a_default()
    {
        var rule = Parse("""
            {"kind":"group","selector":{"tags":{"site":"a"}},"by":["gateway","city"],"of":["disconnected","stuck-1"],"least":3,"wait":"1m",
             "dwell":"10s"}
            """);
        Assert.Equal(
            new GroupCondition { Of = ["disconnected", "stuck-1"], By = ["gateway", "city"], Least = 3, Wait = 60 * Second },
            rule.Condition);
        Assert.Equal((AlertLevel.Error, 10 * Second, ""), (rule.Level, rule.DwellTime, rule.Selector.Measurement));
        var usual = (GroupCondition)Parse("""{"kind":"group","selector":{}}""").Condition;
        Assert.Equal(Half, usual);
        Assert.Equal((0.5, null, 30 * Second), (usual.Share, usual.Least, usual.Wait));
    }

    [Theory]
    [InlineData("\"of\":[\"gateway\"]", "\"of\" must name other rules; got \"gateway\" itself.")]
    [InlineData("\"of\":[]", "\"of\" must be a list of 1 to 100 rules; got [].")]
    [InlineData("\"of\":\"stuck\"", "\"of\" must be a list of 1 to 100 rules; got \"stuck\".")]
    [InlineData("\"of\":[\"No\"]", "\"of\" must be a list of 1 to 100 rules; got \"No\".")]
    [InlineData("\"by\":[\"a b\"]", "\"by\" must be a list of 1 to 4 tags, city or station; got \"a b\".")]
    [InlineData("\"by\":[7]", "\"by\" must be a list of 1 to 4 tags, city or station; got 7.")]
    [InlineData("\"least\":0", "\"least\" must be an integer of at least 1, or a share of the group, such as \"50%\"; got 0.")]
    [InlineData("\"least\":\"101%\"", "\"least\" must be an integer of at least 1, or a share of the group, such as")]
    [InlineData("\"wait\":\"soon\"", "\"wait\" must be a duration, such as")]
    [InlineData("\"above\":1", "\"above\" is not a member of this rule")]
    [InlineData("\"dwell_readings\":2", "\"dwell_readings\" is not a member of this rule")]
    public void A_wrong_rule_is_refused_with_the_member_and_the_cure(string member, string says)
    {
        var e = Assert.Throws<FormatException>(() => Parse($$"""{"kind":"group","selector":{},{{member}}}"""));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_about_groups_has_no_measurement()
    {
        var e = Assert.Throws<FormatException>(() => Parse("""{"kind":"group","selector":{"measurement":"humidity"}}"""));
        Assert.Contains("\"selector.measurement\" does not go with group", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(7, 4)]
    [InlineData(400, 200)]
    public void A_share_is_rounded_up_to_sensors(int size, int limit) => Assert.Equal(limit, Half.LimitOf(size));

    [Fact]
    public void The_alert_is_raised_with_the_sensor_that_reaches_the_share_and_clears_with_the_one_that_leaves_it()
    {
        var watch = new GroupWatch(Half, 4, 0, 60 * Second);
        watch.Set(1, Id(1), true, 10);
        watch.Set(1, Id(2), true, 20);
        Assert.Null(watch.Check(100));
        watch.Set(2, Id(3), true, 30);
        Assert.Equal(AlertTransition.Raised, watch.Check(100));
        Assert.Equal((30, 2, true), (watch.Alert.RaisedAt, watch.Count, watch.Alert.IsOpen));
        watch.Set(3, Id(4), true, 40);
        watch.Set(1, Id(1), false, 50);
        watch.Set(2, Id(3), false, 60);
        Assert.Null(watch.Check(100));
        watch.Set(1, Id(2), false, 70);
        Assert.Equal(AlertTransition.Cleared, watch.Check(100));
        Assert.Equal((70, false), (watch.Alert.ClearedAt, watch.Alert.IsOpen));
        watch.Set(2, Id(5), true, 80);
        Assert.Equal(AlertTransition.Reopened, watch.Check(100));
        Assert.Equal((30, 80, 2), (watch.Alert.RaisedAt, watch.Alert.LastRaisedAt, watch.Alert.Occurrences));
    }

    [Fact]
    public void A_dwell_begins_anew_when_the_share_was_left()
    {
        var watch = new GroupWatch(Half with { Least = 1 }, 4, 10, 0);
        watch.Set(1, Id(1), true, 100);
        Assert.Null(watch.Check(109));
        watch.Set(1, Id(1), false, 109);
        watch.Set(2, Id(2), true, 110);
        Assert.Null(watch.Check(119));
        Assert.Equal(AlertTransition.Raised, watch.Check(125));
        Assert.Equal(120, watch.Alert.RaisedAt);
    }

    [Fact]
    public void Repeated_states_and_those_of_unknown_alerts_change_nothing()
    {
        var watch = new GroupWatch(Half with { Least = 2 }, 4, 0, 0);
        for (var i = 0; i < 3; i++)
        {
            watch.Set(1, Id(1), true, 10 + i);
            watch.Set(2, Id(9), false, 10 + i);
        }

        Assert.Equal((1, null), (watch.Count, watch.Check(100)));
        Assert.Equal([Id(1)], watch.Alarms);
    }

    [Fact]
    public void Every_member_of_a_comparison_is_read()
    {
        var median = Parse("""
            {"kind":"compare","selector":{"measurement":"temperature"},"by":["room"],"above":2,"below":-3,"hysteresis":1}
            """);
        Assert.Equal(["room"], ((CompareCondition)median.Condition).By);
        Assert.Equal(new() { High = 2, Low = -3, Hysteresis = 1 }, ((CompareCondition)median.Condition).Limits);
        var one = Parse("""{"kind":"compare","selector":{"measurement":"temperature"},"reference":"hall-1","above":2}""");
        Assert.Equal(new SensorRef(SensorName.NoNumber, "hall-1"), ((CompareCondition)one.Condition).Reference);
    }

    [Theory]
    [InlineData("\"by\":[\"room\"],\"reference\":7,\"above\":1", "\"by\" and \"reference\" exclude each other")]
    [InlineData("\"reference\":1.5,\"above\":1", "\"reference\" must be the id or the name of a sensor; got 1.5.")]
    [InlineData("\"reference\":7", "\"above\" or \"below\" is missing")]
    [InlineData("\"above\":1,\"of\":[\"extreme\"]", "\"of\" is not a member of this rule")]
    public void A_wrong_comparison_is_refused_with_the_member_and_the_cure(string members, string says)
    {
        var e = Assert.Throws<FormatException>(
            () => Parse($$"""{"kind":"compare","selector":{"measurement":"temperature"},{{members}}}"""));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new double[0], double.NaN)]
    [InlineData(new[] { 1.0, 2 }, double.NaN)]
    [InlineData(new[] { 9.0, 1, 2 }, 2)]
    [InlineData(new[] { 9.0, 1, 2, 4 }, 3)]
    public void The_median_needs_three_sensors(double[] means, double median) => Assert.Equal(median, CompareCondition.MedianOf(means));

    private static Guid Id(byte number) => new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number);

    private static AlertRule Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return RuleDocument.Parse(document.RootElement, MeasurementSet.Default, "gateway");
    }
}
