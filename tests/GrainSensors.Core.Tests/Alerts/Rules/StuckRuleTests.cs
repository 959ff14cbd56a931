using GrainSensors.Core.Alerts;

namespace GrainSensors.Core.Tests.Alerts.Rules;

public sealed class StuckRuleTests
{
    private const string Stuck = """{"kind":"stuck","for":"10s","warm_up":"0s","dwell_readings":1,"cool_down":"0s"}""";

    [Fact]
    public void A_value_that_does_not_change_for_the_time_raises_and_a_change_clears()
    {
        var sensor = Moving(Stuck, 10);
        sensor.ReadEach(10, [.. Enumerable.Repeat(9.0, 20)]);
        Assert.Equal(["Raised warm 19"], sensor.Story);
        sensor.Read(30, 9.1);
        Assert.Equal(["Raised warm 19", "Cleared warm 30"], sensor.Story);
        Assert.Equal((9.0, AlertKind.Stuck), (sensor.Changes[0].Value, sensor.Changes[0].Kind));
    }

    [Fact]
    public void A_sensor_that_never_changes_is_never_stuck()
    {
        var sensor = new RuledSensor(Stuck);
        sensor.ReadEach(0, [.. Enumerable.Repeat(9.0, 500)]);
        Assert.Empty(sensor.Changes);
    }

    [Fact]
    public void The_time_must_exceed_what_is_usual_for_the_sensor_by_the_factor()
    {
        var sensor = new RuledSensor(Stuck);
        for (var second = 0; second < 200; second++)
        {
            sensor.Read(second, second / 8);
        }

        Assert.Empty(sensor.Changes);
        sensor.ReadEach(200, [.. Enumerable.Repeat(25.0, 23)]);
        Assert.Empty(sensor.Changes);
        sensor.Read(224, 25);
        Assert.Equal(["Raised warm 224"], sensor.Story);
    }

    [Fact]
    public void A_long_time_that_raised_an_alert_does_not_become_usual()
    {
        var sensor = Moving(Stuck, 10);
        for (var round = 0; round < 3; round++)
        {
            var from = 10 + (round * 100);
            sensor.ReadEach(from, [.. Enumerable.Repeat(9.0, 50)]);
            sensor.ReadEach(from + 50, [.. Enumerable.Range(0, 50).Select(i => 10.0 + i)]);
        }

        Assert.Equal(3, sensor.Changes.Count(change => change.Transition == AlertTransition.Raised));
    }

    [Fact]
    public void During_the_warm_up_the_rule_only_learns()
    {
        var sensor = Moving(Stuck.Replace("\"0s\",\"dwell", "\"1h\",\"dwell", StringComparison.Ordinal), 10);
        sensor.ReadEach(10, [.. Enumerable.Repeat(9.0, 100)]);
        Assert.Empty(sensor.Changes);
    }

    [Fact]
    public void A_change_within_the_tolerance_is_none()
    {
        var sensor = Moving(Stuck.Replace("{", """{"tolerance":0.5,""", StringComparison.Ordinal), 10);
        for (var second = 10; second < 30; second++)
        {
            sensor.Read(second, 9 + (second % 2 * 0.5));
        }

        Assert.Equal(["Raised warm 19"], sensor.Story);
    }

    [Fact]
    public void A_gap_without_readings_is_not_a_time_without_a_change()
    {
        var sensor = Moving(Stuck, 10);
        sensor.ReadEach(10, 9, 9, 9);
        sensor.Read(5000, 9);
        Assert.Empty(sensor.Changes);
        sensor.ReadEach(5001, [.. Enumerable.Repeat(9.0, 10)]);
        Assert.Equal(["Raised warm 5007"], sensor.Story);
    }

    [Fact]
    public void A_late_change_does_not_clear()
    {
        var sensor = Moving(Stuck, 10);
        sensor.ReadEach(10, [.. Enumerable.Repeat(9.0, 12)]);
        sensor.Read(20.5, 30);
        Assert.Equal(["Raised warm 19"], sensor.Story);
    }

    /// <returns>A sensor whose value changes each second.</returns>
    private static RuledSensor Moving(string rule, int seconds)
    {
        var sensor = new RuledSensor(rule);
        sensor.ReadEach(0, [.. Enumerable.Range(0, seconds).Select(second => (double)second)]);
        return sensor;
    }
}
