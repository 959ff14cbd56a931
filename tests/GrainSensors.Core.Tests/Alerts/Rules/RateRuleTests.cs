using GrainSensors.Core.Alerts;

namespace GrainSensors.Core.Tests.Alerts.Rules;

public sealed class RateRuleTests
{
    /// <summary>2 °C or more in 10 s, found by one pair of readings.</summary>
    private const string Fast = """{"kind":"rate","change":2,"per":"10s","min_interval":"0s","dwell_readings":1,"cool_down":"0s"}""";

    [Fact]
    public void A_change_that_is_as_fast_as_the_limit_raises_and_a_slower_one_clears()
    {
        var sensor = new RuledSensor(Fast);
        sensor.Read(0, 20);
        sensor.Read(10, 21.9);
        Assert.Empty(sensor.Changes);
        sensor.Read(20, 23.9);
        sensor.Read(30, 24);
        Assert.Equal(["Raised warm 20", "Cleared warm 30"], sensor.Story);
        Assert.Equal((23.9, AlertKind.Rate), (sensor.Changes[0].Value, sensor.Changes[0].Kind));
    }

    [Theory]
    [InlineData("any", true, true)]
    [InlineData("rise", true, false)]
    [InlineData("fall", false, true)]
    public void A_direction_may_be_asked_for(string direction, bool rises, bool falls)
    {
        var rule = Fast.Replace("{", $$"""{"direction":"{{direction}}",""", StringComparison.Ordinal);
        Assert.Equal(rises, IsRaised(-20, -17));
        Assert.Equal(falls, IsRaised(-17, -20));

        bool IsRaised(double from, double to)
        {
            var sensor = new RuledSensor(rule);
            sensor.Read(0, from);
            sensor.Read(10, to);
            return sensor.Changes.Count > 0;
        }
    }

    [Fact]
    public void The_default_dwell_of_two_readings_ignores_a_single_outlier()
    {
        var sensor = new RuledSensor("""{"kind":"rate","change":2,"per":"10s"}""");
        sensor.ReadEach(0, 20, 20, 90, 20, 20, -50, 20, 20);
        Assert.Empty(sensor.Changes);
        sensor.ReadEach(8, 23, 26);
        Assert.Equal(["Raised warm 9"], sensor.Story);
    }

    [Fact]
    public void Noise_between_readings_that_are_closer_than_the_interval_is_not_judged()
    {
        var sensor = new RuledSensor("""{"kind":"rate","change":2,"per":"100s","dwell_readings":1}""");
        for (var second = 0; second < 200; second++)
        {
            sensor.Read(second, 20 + (second % 10 == 0 ? 0 : second % 2));
        }

        Assert.Empty(sensor.Changes);
    }

    [Fact]
    public void An_alert_clears_when_the_change_is_smaller_by_the_hysteresis()
    {
        var sensor = new RuledSensor(Fast.Replace("{", """{"hysteresis":1,""", StringComparison.Ordinal));
        sensor.Read(0, 20);
        sensor.Read(10, 22);
        sensor.Read(20, 23.5);
        sensor.Read(30, 22.5);
        Assert.Equal(["Raised warm 10"], sensor.Story);
        sensor.Read(40, 23.4);
        Assert.Equal(["Raised warm 10", "Cleared warm 40"], sensor.Story);
    }

    [Fact]
    public void After_a_gap_the_change_is_spread_over_it()
    {
        var sensor = new RuledSensor(Fast);
        sensor.Read(0, 20);
        sensor.Read(3600, 30);
        Assert.Empty(sensor.Changes);
    }

    [Fact]
    public void Late_readings_and_readings_of_one_time_are_not_compared()
    {
        var sensor = new RuledSensor(Fast);
        sensor.Read(10, 20);
        sensor.Read(10, 80);
        sensor.Read(9, 80);
        sensor.Read(20, 21);
        Assert.Empty(sensor.Changes);
    }

    [Fact]
    public void The_greatest_numbers_are_a_fast_change()
    {
        var sensor = new RuledSensor(Fast);
        sensor.Read(0, double.MinValue);
        sensor.Read(1, double.MaxValue);
        sensor.Read(2, double.MaxValue);
        Assert.Equal(["Raised warm 1", "Cleared warm 2"], sensor.Story);
    }
}
