using GrainSensors.Core.Alerts;

namespace GrainSensors.Core.Tests.Alerts.Rules;

public sealed class ThresholdRuleTests
{
    private const string Warm = """{"kind":"threshold","above":30,"cool_down":"0s"}""";

    [Fact]
    public void A_value_above_the_limit_raises_and_one_at_the_limit_clears()
    {
        var sensor = new RuledSensor(Warm);
        sensor.ReadEach(0, 30, 30.001, 35, 30, 31, 20);
        Assert.Equal(["Raised warm 1", "Cleared warm 3", "Raised warm 4", "Cleared warm 5"], sensor.Story);
        Assert.Equal((30.001, AlertKind.Threshold, 0), (sensor.Changes[0].Value, sensor.Changes[0].Kind, sensor.Changes[0].Measurement));
        Assert.Equal(double.NaN, sensor.Changes[0].Expected);
    }

    [Fact]
    public void A_value_below_the_lower_limit_raises_also_when_it_is_negative()
    {
        var sensor = new RuledSensor("""{"kind":"threshold","below":-10,"cool_down":"0s"}""");
        sensor.ReadEach(0, 0, -10, -10.5, -40, -9);
        Assert.Equal(["Raised warm 2", "Cleared warm 4"], sensor.Story);
    }

    [Fact]
    public void From_one_limit_to_the_other_the_alert_stays_open()
    {
        var sensor = new RuledSensor("""{"kind":"threshold","above":30,"below":10,"cool_down":"0s"}""");
        sensor.ReadEach(0, 31, 5, 31, 20);
        Assert.Equal(["Raised warm 0", "Cleared warm 3"], sensor.Story);
    }

    [Fact]
    public void An_alert_clears_only_inside_the_limits_by_the_hysteresis()
    {
        var sensor = new RuledSensor("""{"kind":"threshold","above":30,"below":10,"hysteresis":2,"cool_down":"0s"}""");
        sensor.ReadEach(0, 31, 29, 28.5, 28, 9, 11, 11.9, 12);
        Assert.Equal(["Raised warm 0", "Cleared warm 3", "Raised warm 4", "Cleared warm 7"], sensor.Story);
    }

    [Fact]
    public void A_dwell_asks_for_consecutive_readings_in_one_direction()
    {
        var sensor = new RuledSensor("""{"kind":"threshold","above":30,"below":10,"dwell_readings":3}""");
        sensor.ReadEach(0, 31, 31, 20, 31, 31, 5, 5, 31, 31);
        Assert.Empty(sensor.Changes);
        sensor.Read(9, 31);
        Assert.Equal(["Raised warm 9"], sensor.Story);
    }

    [Fact]
    public void A_value_in_the_hysteresis_interrupts_a_dwell()
    {
        var sensor = new RuledSensor("""{"kind":"threshold","above":30,"hysteresis":2,"dwell_readings":2}""");
        sensor.ReadEach(0, 31, 29, 31, 29);
        Assert.Empty(sensor.Changes);
    }

    [Fact]
    public void A_dwell_asks_for_a_time_by_the_clock_of_the_readings()
    {
        var sensor = new RuledSensor("""{"kind":"threshold","above":30,"dwell":"5m"}""");
        sensor.Read(0, 31);
        sensor.Read(299.9, 31);
        Assert.Empty(sensor.Changes);
        sensor.Read(300, 31);
        Assert.Equal(["Raised warm 300"], sensor.Story);
    }

    [Fact]
    public void Within_the_cool_down_the_alert_reopens_and_counts_and_after_it_a_new_one_is_raised()
    {
        var sensor = new RuledSensor("""{"kind":"threshold","above":30,"cool_down":"10s"}""");
        sensor.ReadEach(0, 31, 20);
        sensor.Read(11, 31);
        sensor.Read(12, 20);
        sensor.Read(22.001, 31);
        Assert.Equal(["Raised warm 0", "Cleared warm 1", "Reopened warm 11", "Cleared warm 12", "Raised warm 22.001"], sensor.Story);
        Assert.Equal([1, 1, 2, 2, 1], sensor.Changes.Select(change => change.Occurrences));
        Assert.Equal([0, 0, 0, 0, 22_001_000], sensor.Changes.Select(change => change.RaisedAt));
    }

    [Fact]
    public void A_late_reading_neither_raises_nor_clears_nor_counts()
    {
        var sensor = new RuledSensor("""{"kind":"threshold","above":30,"dwell_readings":2}""");
        sensor.Read(10, 31);
        sensor.Read(9, 31);
        sensor.Read(9.5, 20);
        Assert.Empty(sensor.Changes);
        sensor.Read(11, 31);
        sensor.Read(10.5, 20);
        Assert.Equal(["Raised warm 11"], sensor.Story);
    }

    [Fact]
    public void Readings_with_one_time_count_each_and_a_dwell_time_does_not_pass_between_them()
    {
        var sensor = new RuledSensor("""{"kind":"threshold","above":30,"dwell_readings":3}""");
        sensor.Read(1, 31);
        sensor.Read(1, 31);
        sensor.Read(1, 31);
        Assert.Equal(["Raised warm 1"], sensor.Story);

        sensor = new("""{"kind":"threshold","above":30,"dwell":"1s"}""");
        sensor.Read(1, 31);
        sensor.Read(1, 31);
        Assert.Empty(sensor.Changes);
    }

    [Fact]
    public void A_gap_and_a_reading_without_the_measurement_leave_the_alert_open()
    {
        var sensor = new RuledSensor(Warm);
        sensor.Read(0, 31);
        sensor.Read(1, double.NaN, humidity: 50);
        sensor.Read(1_000_000, 31);
        sensor.Read(1_000_001, double.NaN);
        Assert.Equal(["Raised warm 0"], sensor.Story);
    }

    [Theory]
    [InlineData(double.MaxValue, true)]
    [InlineData(double.PositiveInfinity, false)]
    [InlineData(double.NegativeInfinity, false)]
    [InlineData(double.MinValue, false)]
    [InlineData(double.NaN, false)]
    public void Only_a_finite_value_is_judged(double value, bool isRaised)
    {
        var sensor = new RuledSensor(Warm);
        sensor.Read(0, value);
        Assert.Equal(isRaised ? 1 : 0, sensor.Changes.Count);
    }

    [Fact]
    public void Two_limits_on_one_measurement_are_two_alerts()
    {
        var sensor = new RuledSensor(Named("warm", 30, "WARNING"), Named("hot", 40, "ERROR"));
        sensor.ReadEach(0, 31, 41, 35, 20);
        Assert.Equal(["Raised warm 0", "Raised hot 1", "Cleared hot 2", "Cleared warm 3"], sensor.Story);
        Assert.Equal([AlertLevel.Warning, AlertLevel.Error], sensor.Changes.Take(2).Select(change => change.Rule!.Level));
        Assert.NotEqual(
            AlertId.Of(7, "temperature", AlertKind.Threshold, 0, "warm"), AlertId.Of(7, "temperature", AlertKind.Threshold, 0, "hot"));

        static string Named(string id, int above, string severity) =>
            $$"""{"id":"{{id}}","kind":"threshold","above":{{above}},"severity":"{{severity}}","cool_down":"0s"}""";
    }

    [Fact]
    public void A_rule_sees_its_measurement_and_its_sensors_only()
    {
        var sensor = new RuledSensor("""{"kind":"threshold","above":60,"selector":{"measurement":"humidity"}}""");
        sensor.Read(0, 99, 50);
        Assert.Empty(sensor.Changes);
        sensor.Read(1, 20, 61);
        Assert.Equal(1, Assert.Single(sensor.Changes).Measurement);

        var one = RuledSensor.Document(Warm).ToWatched(RuledSensor.Measurements, System.Collections.Frozen.FrozenSet.Create([8]));
        Assert.True(one.AppliesTo(8));
        Assert.False(one.AppliesTo(7));
    }
}
