using GrainSensors.Core.Alerts;

namespace GrainSensors.Core.Tests.Alerts.Rules;

/// <summary>Rules that come, go and change while sensors report.</summary>
public sealed class RuleChangeTests
{
    private const string Warm = """{"kind":"threshold","above":30,"cool_down":"0s"}""";
    private const string Humid = """{"id":"humid","kind":"threshold","above":60,"selector":{"measurement":"humidity"},"cool_down":"0s"}""";

    [Fact]
    public void A_rule_that_goes_clears_its_open_alert_at_the_time_of_the_change()
    {
        var sensor = new RuledSensor(Warm, Humid);
        sensor.Read(0, 31, 61);
        Assert.True(sensor.Use(90, Humid));
        Assert.Equal(["Raised warm 0", "Raised humid 0", "Cleared warm 90"], sensor.Story);
        Assert.True(sensor.Changes[2].IsRuleGone);
        sensor.Read(91, 31, 50);
        Assert.Equal("Cleared humid 91", sensor.Story.Last());
        Assert.False(sensor.Changes[3].IsRuleGone);
    }

    [Fact]
    public void Without_a_time_the_alert_clears_at_the_last_reading()
    {
        var sensor = new RuledSensor(Warm);
        sensor.ReadEach(0, 31, 32, 33);
        sensor.Use();
        Assert.Equal(["Raised warm 0", "Cleared warm 2"], sensor.Story);
        sensor.Use(Warm);
        sensor.Read(3, 33);
        Assert.Equal(2, sensor.Changes.Count(change => change.Transition == AlertTransition.Raised));
    }

    [Fact]
    public void A_rule_with_other_parameters_keeps_the_open_alert_and_the_dwell()
    {
        var sensor = new RuledSensor(Warm);
        sensor.Read(0, 31);
        Assert.False(sensor.Use(Warm.Replace("30", "40", StringComparison.Ordinal)));
        Assert.Equal(["Raised warm 0"], sensor.Story);
        sensor.Read(1, 31);
        Assert.Equal(["Raised warm 0", "Cleared warm 1"], sensor.Story);

        var dwelling = new RuledSensor("""{"kind":"threshold","above":30,"dwell_readings":3}""");
        dwelling.ReadEach(0, 31, 31);
        dwelling.Use("""{"kind":"threshold","above":30,"dwell_readings":3,"severity":"ERROR"}""");
        dwelling.Read(2, 31);
        Assert.Equal((AlertTransition.Raised, AlertLevel.Error), (dwelling.Changes.Single().Transition, dwelling.Changes[0].Rule!.Level));
    }

    [Theory]
    [InlineData("""{"kind":"threshold","above":30,"selector":{"measurement":"humidity"}}""")]
    [InlineData("""{"kind":"rate","change":1,"per":"1h"}""")]
    public void A_rule_with_another_kind_or_measurement_is_another_rule(string other)
    {
        var sensor = new RuledSensor(Warm);
        sensor.Read(0, 31);
        sensor.Use(5, other);
        Assert.Equal(["Raised warm 0", "Cleared warm 5"], sensor.Story);
        Assert.Equal((AlertKind.Threshold, 0), (sensor.Changes[1].Kind, sensor.Changes[1].Measurement));
    }

    [Fact]
    public void A_rule_that_comes_changes_neither_dwell_nor_alerts_of_others()
    {
        var alone = new RuledSensor("""{"kind":"threshold","above":30,"dwell_readings":3}""");
        var joined = new RuledSensor("""{"kind":"threshold","above":30,"dwell_readings":3}""");
        foreach (var (second, value) in new[] { 31, 31, 31, 31, 20, 31, 31, 31.0 }.Index())
        {
            alone.Read(second, value, 50);
            if (second is 2 or 5)
            {
                joined.Use(
                    second,
                    """{"kind":"threshold","above":30,"dwell_readings":3}""",
                    Humid,
                    $$"""{"id":"a{{second}}","kind":"stuck","for":"1h"}""");
            }

            joined.Read(second, value, 50);
        }

        Assert.NotEmpty(alone.Changes);
        Assert.Equal(alone.Story, joined.Story);
    }

    [Fact]
    public void The_same_rules_again_change_nothing()
    {
        var sensor = new RuledSensor(Warm, Humid);
        sensor.Read(0, 31, 61);
        Assert.False(sensor.Use(5, Humid, Warm));
        Assert.Equal(2, sensor.Changes.Count);
    }

    [Fact]
    public void A_sensor_that_is_dismissed_loses_its_alerts_of_rules()
    {
        var sensor = new RuledSensor(Warm);
        sensor.ReadEach(0, 31, 32);
        sensor.Watches.Forget(RuledSensor.Id, 5 * RuledSensor.Second);
        Assert.True(sensor.Watches.ApplyForgotten(RuledSensor.Id, sensor.Changes));
        Assert.Equal(["Raised warm 0", "Cleared warm 5"], sensor.Story);
        sensor.Read(4, 40);
        sensor.Read(6, 40);
        Assert.Equal("Raised warm 6", sensor.Story.Last());
    }

    [Fact]
    public void A_sensor_that_reports_after_its_dismissal_gets_a_new_alert()
    {
        var sensor = new RuledSensor(Warm);
        sensor.ReadEach(0, 31, 32, 33);
        sensor.Watches.Forget(RuledSensor.Id, RuledSensor.Second);
        sensor.Watches.ApplyForgotten(RuledSensor.Id, sensor.Changes);
        sensor.Read(3, 34);
        Assert.Equal(["Raised warm 0", "Cleared warm 1", "Raised warm 3"], sensor.Story);
    }
}
