using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Alerts.Rules;

public sealed class MissingRuleTests
{
    private const string Absolute = """{"kind":"missing","per":"10s","least":5,"cool_down":"0s","selector":{}}""";
    private const string Usual = """{"kind":"missing","per":"10s","cool_down":"0s","selector":{}}""";
    private const string Probe = """{"kind":"missing","per":"10s","least":5,"selector":{"measurement":"humidity"}}""";

    [Fact]
    public void A_window_with_too_few_readings_raises_at_its_end_by_stream_time_and_the_next_full_one_clears()
    {
        var sensor = new RuledSensor(Absolute);
        Read(sensor, 5, 24, 1);
        sensor.Pass(29.9);
        Assert.Empty(sensor.Changes);
        sensor.Pass(30);
        Assert.Equal(["Raised warm 30"], sensor.Story);
        Assert.Equal(
            (AlertKind.Missing, AlertChange.WholeSensor, AlertLevel.Warning, 4.0),
            (sensor.Changes[0].Kind, sensor.Changes[0].Measurement, sensor.Changes[0].Rule!.Level, sensor.Changes[0].Value));
        Read(sensor, 32, 45, 1);
        Assert.Equal(["Raised warm 30", "Cleared warm 40"], sensor.Story);
        Assert.Equal(8, sensor.Changes[1].Value);
    }

    [Fact]
    public void The_window_in_which_counting_begins_is_not_judged()
    {
        var sensor = new RuledSensor(Absolute);
        sensor.Read(19, 20);
        Read(sensor, 20, 30, 1);
        sensor.Pass(30);
        Assert.Empty(sensor.Changes);
    }

    [Fact]
    public void Sensors_that_report_no_longer_or_never_did_count_as_zero()
    {
        var sensor = new RuledSensor();
        sensor.Read(5, 20);
        sensor.Watches.Expect(8, 1 * RuledSensor.Second);
        sensor.Restart();
        sensor.Use(Absolute);
        sensor.Pass(1_000_000);
        Assert.Equal(["Raised warm 20", "Raised warm of 8 20"], sensor.Story.Order());
        Assert.All(sensor.Changes, change => Assert.Equal(0, change.Value));
        sensor.Restart();
        sensor.Pass(2_000_000);
        Assert.Equal(2, sensor.Changes.Count);
    }

    [Fact]
    public void The_dwell_counts_windows_also_empty_ones()
    {
        var rule = Absolute.Replace("{\"kind", "{\"dwell_readings\":3,\"dwell\":\"25s\",\"kind", StringComparison.Ordinal);
        var (often, once) = (new RuledSensor(rule), new RuledSensor(rule));
        often.Read(5, 20);
        once.Read(5, 20);
        for (var second = 5; second < 100; second++)
        {
            often.Pass(second);
        }

        once.Pass(100);
        Assert.Equal(["Raised warm 50"], often.Story);
        Assert.Equal(often.Changes, once.Changes);
    }

    [Fact]
    public void Readings_that_are_late_count_until_their_window_is_over()
    {
        var sensor = new RuledSensor(Absolute);
        sensor.Read(5, 20);
        foreach (var second in (double[])[11, 19, 12, 12, 13, 21, 14])
        {
            sensor.Read(second, 20);
        }

        sensor.Pass(29);
        Assert.Empty(sensor.Changes);
        sensor.Read(21, 20);
        sensor.Read(19, 20);
        sensor.Pass(30);
        Assert.Equal((30 * RuledSensor.Second, 2.0), (Assert.Single(sensor.Changes).At, sensor.Changes[0].Value));
    }

    [Fact]
    public void With_a_measurement_its_values_count_once_the_sensor_has_sent_one()
    {
        var sensor = new RuledSensor(Probe);
        Read(sensor, 0, 50, 1);
        Assert.Empty(sensor.Changes);
        for (var second = 50; second < 65; second++)
        {
            sensor.Read(second, 20, 50);
        }

        Read(sensor, 65, 75, 1);
        Assert.Empty(sensor.Changes);
        Read(sensor, 75, 81, 1);
        Assert.Equal(["Raised warm 80"], sensor.Story);
        Assert.Equal(1, sensor.Changes[0].Measurement);
    }

    [Fact]
    public void A_share_of_the_usual_number_is_judged_from_the_fifth_window()
    {
        var sensor = new RuledSensor(Usual);
        Read(sensor, 5, 30, 1);
        sensor.Pass(1000);
        Assert.Empty(sensor.Changes);
        Read(sensor, 1000, 1050, 1);
        Read(sensor, 1050, 1060, 3);
        sensor.Pass(1060);
        Assert.Equal(["Raised warm 1060"], sensor.Story);
        Assert.Equal((4.0, 10.0), (sensor.Changes[0].Value, sensor.Changes[0].Expected));
    }

    [Fact]
    public void The_usual_number_follows_a_new_pace_and_neither_bursts_nor_outages()
    {
        var sensor = new RuledSensor(Usual);
        Read(sensor, 5, 1000, 1);
        sensor.Pass(50_000);
        Read(sensor, 50_000, 50_010, 0.001);
        Read(sensor, 50_010, 51_000, 1);
        Assert.Equal(["Raised warm 1010", "Cleared warm 50010"], sensor.Story);
        Read(sensor, 51_000, 52_000, 4);
        Assert.Equal("Raised warm 51010", sensor.Story.ElementAt(2));
        Assert.StartsWith("Cleared warm 51", sensor.Story.ElementAt(3), StringComparison.Ordinal);
        Assert.Equal(AlertTransition.Cleared, sensor.Changes[^1].Transition);
    }

    [Fact]
    public void The_first_windows_with_a_backlog_do_not_become_usual()
    {
        var sensor = new RuledSensor(Usual);
        sensor.Read(5, 20);
        Read(sensor, 10, 20, 0.01);
        Read(sensor, 20, 200, 1);
        Assert.Empty(sensor.Changes);
    }

    [Fact]
    public void Another_size_of_the_window_begins_anew()
    {
        var sensor = new RuledSensor(Absolute);
        Read(sensor, 5, 15, 1);
        sensor.Use(Absolute.Replace("10s", "20s", StringComparison.Ordinal));
        sensor.Pass(39);
        Assert.Empty(sensor.Changes);
        sensor.Pass(40);
        Assert.Equal(["Raised warm 40"], sensor.Story);
    }

    [Fact]
    public void The_count_is_read_back_from_the_state()
    {
        var sensor = new RuledSensor(Usual, Probe.Replace("{\"kind", "{\"id\":\"probe\",\"kind", StringComparison.Ordinal));
        for (var second = 0; second < 85; second++)
        {
            sensor.Read(second, 20, 50);
        }

        var state = sensor.Watches.ToBytes();
        Assert.Equal(6, state[0]);
        sensor.Restart();
        Assert.Equal(state, sensor.Watches.ToBytes());
        sensor.Pass(100);
        Assert.Equal(["Raised probe 100", "Raised warm 100"], sensor.Story.Order());
    }

    [Theory]
    [InlineData("""{"kind":"missing","selector":{}}""", "\"per\" is missing; give the size of a window, such as 15m.")]
    [InlineData("""{"kind":"missing","per":"1m","least":0,"selector":{}}""", "\"least\" must be an integer of at least 1, or a share of")]
    [InlineData("""{"kind":"missing","per":"1m","least":"0%","selector":{}}""", "such as \"50%\"; got \"0%\".")]
    [InlineData("""{"kind":"missing","per":"1m","least":"101%","selector":{}}""", "such as \"50%\"; got \"101%\".")]
    [InlineData("""{"kind":"missing","per":"1m","least":"half","selector":{}}""", "such as \"50%\"; got \"half\".")]
    public void A_wrong_rule_is_refused(string json, string reason) => Assert.Contains(
        reason, Assert.Throws<FormatException>(() => RuledSensor.Document(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_members_are_read()
    {
        Assert.Equal(new MissingCondition { Per = 10 * RuledSensor.Second, Least = 5 }, RuledSensor.Document(Absolute).Condition);
        Assert.Equal(new MissingCondition { Per = 10 * RuledSensor.Second, Share = 0.5 }, RuledSensor.Document(Usual).Condition);
        Assert.Equal(
            new MissingCondition { Per = 10 * RuledSensor.Second, Share = 0.125 },
            RuledSensor.Document(Absolute.Replace(":5,", ":\"12.5%\",", StringComparison.Ordinal)).Condition);
    }

    [Fact]
    public void A_reading_allocates_nothing()
    {
        var sensor = new RuledSensor(Usual);
        Read(sensor, 0, 100, 1);
        var batch = ReadingBatch.Of(sensor.NewReading(100, 31, 71));
        Observe();
        batch.Readings[0].Timestamp += RuledSensor.Second;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Observe();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Observe() => sensor.Watch!.Observe(
            batch.Readings[0], batch.ValuesOf(batch.Readings[0]), SensorWatch.Never, long.MaxValue, RuledSensor.BuiltIn, sensor.Changes);
    }

    private static void Read(RuledSensor sensor, double from, double to, double interval)
    {
        for (var i = 0; from + (i * interval) < to; i++)
        {
            sensor.Read(from + (i * interval), 20);
        }
    }
}
