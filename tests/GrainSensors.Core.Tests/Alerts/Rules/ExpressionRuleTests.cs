using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Alerts.Rules;

public sealed class ExpressionRuleTests
{
    private const string Damp = """
        {"kind":"expression","expression":"temperature > 30 && humidity > 80","cool_down":"0s","max_age":"60s","selector":{}}
        """;

    [Fact]
    public void An_expression_over_one_reading_raises_and_clears()
    {
        var sensor = new RuledSensor(Damp);
        sensor.Read(0, 31, 70);
        sensor.Read(1, 31, 81);
        sensor.Read(2, 32, 81);
        sensor.Read(3, 30, 90);
        Assert.Equal(["Raised warm 1", "Cleared warm 3"], sensor.Story);
        Assert.Equal(
            (AlertKind.Expression, 0, 31.0, "temperature 31, humidity 81"),
            (sensor.Changes[0].Kind, sensor.Changes[0].Measurement, sensor.Changes[0].Value, sensor.Changes[0].Found));
        Assert.Equal(30, sensor.Changes[1].Value);
    }

    [Fact]
    public void The_latest_value_of_each_measurement_counts()
    {
        var sensor = new RuledSensor(Damp);
        sensor.Read(0, 31);
        sensor.Read(10, double.NaN, 81);
        sensor.Read(20, 29);
        Assert.Equal(["Raised warm 10", "Cleared warm 20"], sensor.Story);
    }

    [Fact]
    public void A_reading_that_another_one_overtook_is_judged_unless_its_measurement_has_a_later_value()
    {
        var sensor = new RuledSensor(Damp);
        sensor.Read(10, 31);
        sensor.Read(9, double.NaN, 81);
        Assert.Equal(["Raised warm 10"], sensor.Story);
        sensor.Read(8, 20, 20);
        Assert.Single(sensor.Changes);
        sensor.Read(9, double.NaN, 79);
        Assert.Equal(["Raised warm 10", "Cleared warm 10"], sensor.Story);
    }

    [Fact]
    public void An_old_value_is_not_judged_and_neither_raises_nor_clears()
    {
        var sensor = new RuledSensor(Damp);
        sensor.Read(0, double.NaN, 81);
        sensor.Read(61, 31);
        Assert.Empty(sensor.Changes);
        sensor.Read(62, 31, 81);
        sensor.Read(123, 20);
        Assert.Equal(["Raised warm 62"], sensor.Story);
        sensor.Read(124, double.NaN, 81);
        Assert.Equal(["Raised warm 62", "Cleared warm 124"], sensor.Story);
    }

    [Fact]
    public void A_dwell_begins_again_when_the_expression_could_not_be_judged()
    {
        var sensor = new RuledSensor(Damp.Replace("{\"kind", "{\"dwell_readings\":2,\"kind", StringComparison.Ordinal));
        sensor.Read(0, 31, 81);
        sensor.Read(61, 31);
        sensor.Read(62, 31, 81);
        Assert.Empty(sensor.Changes);
        sensor.Read(63, 31, 81);
        Assert.Equal(["Raised warm 63"], sensor.Story);
    }

    [Fact]
    public void Another_expression_over_the_same_measurement_keeps_the_values_and_the_alert()
    {
        var sensor = new RuledSensor(Damp);
        sensor.Read(0, 31, 81);
        sensor.Use(Damp.Replace("humidity > 80", "humidity > 90", StringComparison.Ordinal));
        sensor.Read(1, 32);
        Assert.Equal(["Raised warm 0", "Cleared warm 1"], sensor.Story);
    }

    [Fact]
    public void The_values_are_read_back_from_the_state_and_those_of_the_past_are_left_out()
    {
        var sensor = new RuledSensor(Damp);
        sensor.Read(0, double.NaN, 81);
        var state = sensor.Watches.ToBytes();
        Assert.Equal(6, state[0]);
        sensor.Restart();
        Assert.Equal(state, sensor.Watches.ToBytes());
        sensor.Read(1, 31);
        Assert.Equal(["Raised warm 1"], sensor.Story);

        var narrower = new SensorWatches(new([RuledSensor.Measurements[0]]), new(RuledSensor.BuiltIn.Disconnection, [null]));
        narrower.Load(sensor.Watches.ToBytes());
        Assert.True(narrower.Find(RuledSensor.Id)!.Rules.Find(new("warm", AlertKind.Expression, 0, default))!.Value.Alert.IsOpen);
    }

    [Fact]
    public void A_reading_allocates_nothing()
    {
        var sensor = new RuledSensor(Damp);
        sensor.Read(0, 31, 70);
        var (batch, changes) = (ReadingBatch.Of(sensor.NewReading(1, 31, 71)), new List<AlertChange>());
        Observe();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Observe();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Observe() => sensor.Watches.Find(RuledSensor.Id)!.Observe(
            batch.Readings[0], batch.ValuesOf(batch.Readings[0]), SensorWatch.Never, long.MaxValue, RuledSensor.BuiltIn, changes);
    }

    [Fact]
    public void The_alerts_are_about_the_measurement_of_the_selector_which_is_by_default_the_first_one()
    {
        Assert.Equal("temperature", RuledSensor.Document(Damp).Selector.Measurement);
        Assert.Equal(
            "humidity",
            RuledSensor.Document(Damp.Replace("{}", """{"measurement":"humidity"}""", StringComparison.Ordinal)).Selector.Measurement);
        Assert.Contains(
            "\"selector.measurement\" must be a measurement of the expression: humidity; got \"temperature\".",
            Assert.Throws<FormatException>(() => RuledSensor.Document(
                """{"kind":"expression","expression":"humidity > 1","selector":{"measurement":"temperature"}}""")).Message,
            StringComparison.Ordinal);
        Assert.Equal(
            (ExpressionCondition.DefaultMaxAge, 1, AlertLevel.Warning),
            (((ExpressionCondition)RuledSensor.Document("""{"kind":"expression","expression":"humidity > 1","selector":{}}""").Condition)
                .MaxAge, RuledSensor.Document(Damp).DwellReadings, RuledSensor.Document(Damp).Level));
    }
}
