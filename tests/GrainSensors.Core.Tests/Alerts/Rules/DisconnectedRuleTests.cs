using GrainSensors.Core.Alerts;

namespace GrainSensors.Core.Tests.Alerts.Rules;

public sealed class DisconnectedRuleTests
{
    private const string Fixed = """{"kind":"disconnected","timeout":"10s","cool_down":"0s","selector":{}}""";
    private const string Learnt = """{"kind":"disconnected","learnt":true,"minimum":"10s","cool_down":"0s","selector":{}}""";
    private const string Probe = """{"kind":"disconnected","timeout":"10s","cool_down":"0s","selector":{"measurement":"humidity"}}""";

    [Fact]
    public void A_sensor_is_disconnected_after_the_timeout_by_stream_time_and_a_reading_clears()
    {
        var sensor = new RuledSensor(Fixed);
        sensor.Read(0, 20);
        sensor.Pass(10);
        Assert.Empty(sensor.Changes);
        sensor.Pass(11);
        sensor.Pass(12);
        var alert = Assert.Single(sensor.Changes);
        Assert.Equal(
            (AlertKind.Disconnected, AlertChange.WholeSensor, AlertLevel.Error, 10 * RuledSensor.Second, 0),
            (alert.Kind, alert.Measurement, alert.Rule!.Level, alert.At, alert.LastReadingAt));
        sensor.Read(13, 21);
        Assert.Equal(["Raised warm 10", "Cleared warm 13"], sensor.Story);
        Assert.Equal(21, sensor.Changes[1].Value);
        sensor.Pass(1000);
        Assert.Equal("Raised warm 23", sensor.Story.Last());
    }

    [Fact]
    public void A_gap_that_no_tick_saw_raises_and_clears() => Assert.Equal(
        ["Raised warm 10", "Cleared warm 11"], Told(Fixed, sensor => sensor.Read(0, 20), sensor => sensor.Read(11, 20)));

    [Fact]
    public void The_dwell_is_added_to_the_timeout() => Assert.Equal(
        ["Raised warm 15"],
        Told(
            Fixed.Replace("{\"kind", "{\"dwell\":\"5s\",\"kind", StringComparison.Ordinal), sensor => sensor.Read(0, 20),
            sensor => sensor.Pass(15), sensor => sensor.Pass(16)));

    [Fact]
    public void A_rule_that_is_added_finds_sensors_that_report_no_longer()
    {
        var sensor = new RuledSensor();
        sensor.Read(5, 20);
        sensor.Restart();
        sensor.Use(Fixed);
        sensor.Pass(100);
        Assert.Equal(["Raised warm 15"], sensor.Story);
        sensor.Restart();
        sensor.Pass(200);
        Assert.Single(sensor.Changes);
        sensor.Use(300);
        Assert.Equal(["Raised warm 15", "Cleared warm 300"], sensor.Story);
    }

    [Fact]
    public void A_registered_sensor_that_never_reported_is_disconnected()
    {
        var sensor = new RuledSensor(Fixed);
        sensor.Watches.Expect(8, 20 * RuledSensor.Second);
        sensor.Pass(25);
        Assert.Empty(sensor.Changes);
        sensor.Pass(31);
        Assert.Equal(["Raised warm of 8 30"], sensor.Story);
        Assert.Equal(SensorWatch.Never, sensor.Changes[0].LastReadingAt);
    }

    [Fact]
    public void With_a_measurement_its_values_count_once_the_sensor_has_sent_one()
    {
        var sensor = new RuledSensor(Probe);
        for (var second = 0; second < 50; second++)
        {
            sensor.Read(second, 20, second == 20 ? 50 : double.NaN);
        }

        Assert.Equal(["Raised warm 30"], sensor.Story);
        Assert.Equal((1, 20 * RuledSensor.Second), (sensor.Changes[0].Measurement, sensor.Changes[0].LastReadingAt));
        sensor.Restart();
        sensor.Read(51, double.NaN, 50);
        sensor.Pass(62);
        Assert.Equal(["Raised warm 30", "Cleared warm 51", "Raised warm 61"], sensor.Story);
    }

    [Fact]
    public void A_battery_sensor_is_not_disconnected_between_its_readings_and_is_after_three_intervals()
    {
        var sensor = new RuledSensor(Learnt);
        for (var minute = 0; minute <= 200; minute += 10)
        {
            // It sends two readings, one after the other, and then sleeps.
            sensor.Pass(minute * 60);
            sensor.Read(minute * 60, 20);
            sensor.Read((minute * 60) + 1, 20, 50);
        }

        sensor.Pass(13_797);
        Assert.Empty(sensor.Changes);
        sensor.Restart();
        sensor.Pass(13_799);
        Assert.Equal(["Raised warm 13797.85"], sensor.Story);
    }

    [Fact]
    public void An_outage_of_days_hardly_counts()
    {
        var sensor = Regular(Learnt, 0, 60, 20);
        sensor.Read(300_000, 20);
        Assert.Equal(["Raised warm 1320", "Cleared warm 300000"], sensor.Story);
        sensor.Pass(301_000);
        Assert.Equal("Raised warm 300360", sensor.Story.Last());
    }

    [Fact]
    public void An_outage_among_the_first_intervals_does_not_become_usual()
    {
        var sensor = new RuledSensor(Learnt);
        sensor.Read(0, 20);
        foreach (var second in (int[])[100_000, 100_060, 100_120, 100_180, 100_240])
        {
            sensor.Read(second, 20);
        }

        sensor.Pass(101_000);
        Assert.Equal(["Raised warm 100420"], sensor.Story);
    }

    [Fact]
    public void A_slower_pace_is_learnt_in_a_few_readings_and_a_faster_one_in_time()
    {
        var sensor = Regular(Learnt, 0, 10, 20);
        Read(sensor, 200, 600, 20);
        Assert.Equal(5, sensor.Changes.Count(change => change.Transition == AlertTransition.Raised));
        Read(sensor, 200 + 12_000, 10, 1500);
        var before = sensor.Changes.Count;
        sensor.Pass(200 + 12_000 + 15_000 + 31);
        Assert.Equal(before + 1, sensor.Changes.Count);
    }

    [Fact]
    public void A_learnt_timeout_has_a_least_one_and_five_intervals_come_first()
    {
        var sensor = new RuledSensor(Learnt);
        sensor.ReadEach(0, 20, 20, 20, 20, 20);
        sensor.Pass(1000);
        Assert.Empty(sensor.Changes);
        sensor.ReadEach(1000, 20, 20);
        sensor.Pass(2000);
        Assert.Equal(["Raised warm 1011"], sensor.Story);
    }

    [Theory]
    [InlineData("""{"kind":"disconnected","selector":{}}""", "\"timeout\" is missing; give a duration, such as 10m, or \"learnt\": true.")]
    [InlineData("""{"kind":"disconnected","selector":{},"timeout":"1m","learnt":true}""", "\"timeout\" and \"learnt\" exclude each other")]
    [InlineData("""{"kind":"disconnected","selector":{},"timeout":"1m","minimum":"1m"}""", "\"minimum\" is not a member of")]
    [InlineData("""{"kind":"disconnected","selector":{},"timeout":"1m","dwell_readings":2}""", "\"dwell_readings\" is not a member of")]
    [InlineData("""{"kind":"disconnected","selector":{},"learnt":true,"factor":0.5}""", "must be a number of at least 1; got 0.5.")]
    public void A_wrong_rule_is_refused(string json, string reason) => Assert.Contains(
        reason, Assert.Throws<FormatException>(() => RuledSensor.Document(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_reading_allocates_nothing()
    {
        var sensor = new RuledSensor(Fixed, Learnt.Replace("{\"kind", "{\"id\":\"learnt\",\"kind", StringComparison.Ordinal));
        sensor.ReadEach(0, 20, 20, 20);
        var batch = Core.Readings.ReadingBatch.Of(sensor.NewReading(4, 31, 71));
        Observe();
        batch.Readings[0].Timestamp += 1;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Observe();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Observe() => sensor.Watch!.Observe(
            batch.Readings[0], batch.ValuesOf(batch.Readings[0]), SensorWatch.Never, long.MaxValue, RuledSensor.BuiltIn, sensor.Changes);
    }

    private static RuledSensor Regular(string rule, int from, int interval, int count)
    {
        var sensor = new RuledSensor(rule);
        Read(sensor, from, interval, count);
        return sensor;
    }

    private static void Read(RuledSensor sensor, int from, int interval, int count)
    {
        for (var i = 0; i < count; i++)
        {
            sensor.Read(from + (i * interval), 20);
        }
    }

    private static IEnumerable<string> Told(string rule, params Action<RuledSensor>[] steps)
    {
        var sensor = new RuledSensor(rule);
        Array.ForEach(steps, step => step(sensor));
        return sensor.Story;
    }
}
