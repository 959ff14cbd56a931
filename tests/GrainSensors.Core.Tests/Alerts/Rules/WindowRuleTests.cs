using System.Globalization;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Alerts.Rules;

/// <summary>Rules about a statistic of windows.</summary>
public sealed class WindowRuleTests
{
    private const string Mean = """{"kind":"window","per":"10s","statistic":"mean","above":30,"hysteresis":2,"cool_down":"0s"}""";
    private const string Few = """{"kind":"window","per":"10s","statistic":"count","below":3,"cool_down":"0s"}""";

    [Fact]
    public void A_window_is_judged_once_at_its_end_and_its_statistic_is_the_value()
    {
        var sensor = new RuledSensor(Mean);
        sensor.ReadEach(9, 50, 29, 33, 35);
        Assert.Empty(sensor.Changes);
        sensor.ReadEach(20, 31, 27, 28);
        Assert.Equal(["Raised warm 20"], sensor.Story);
        Assert.Equal(
            (AlertKind.Window, 0, (29 + 33 + 35) / 3.0, 20 * RuledSensor.Second, 12 * RuledSensor.Second),
            (sensor.Changes[0].Kind, sensor.Changes[0].Measurement, sensor.Changes[0].Value, sensor.Changes[0].At,
                sensor.Changes[0].LastReadingAt));
        sensor.ReadEach(30, 27);
        Assert.Single(sensor.Changes);
        sensor.Read(40, 27);
        Assert.Equal(["Raised warm 20", "Cleared warm 40"], sensor.Story);
        Assert.Equal(27, sensor.Changes[1].Value);
    }

    [Fact]
    public void Stream_time_closes_a_window_when_it_reaches_the_end_exactly()
    {
        var sensor = new RuledSensor(Mean);
        sensor.ReadEach(9, 20, 31);
        sensor.Pass(19.999999);
        Assert.Empty(sensor.Changes);
        sensor.Pass(20);
        Assert.Equal(["Raised warm 20"], sensor.Story);

        sensor = new RuledSensor(Mean);
        sensor.ReadEach(9, 20, 31);
        sensor.Read(19.999999, 33);
        Assert.Empty(sensor.Changes);
        sensor.Read(20, 99);
        Assert.Equal(32, Assert.Single(sensor.Changes).Value);
    }

    [Theory]
    [InlineData("mean", 4)]
    [InlineData("min", -2)]
    [InlineData("max", 11)]
    [InlineData("range", 13)]
    [InlineData("stddev", 4.636809247747852)]
    [InlineData("count", 4)]
    [InlineData("sum", 16)]
    [InlineData("p1", -2)]
    [InlineData("p50", 3)]
    [InlineData("p99", 4)]
    public void Each_statistic_is_that_of_the_values_in_the_window(string statistic, double expected)
    {
        var sensor = new RuledSensor($$"""{"kind":"window","per":"10s","statistic":"{{statistic}}","above":-5}""");
        sensor.ReadEach(9, 100, 3, 4, 11, -2);
        sensor.Read(20, 100);
        var (value, error) = (Assert.Single(sensor.Changes).Value, statistic[0] == 'p' ? 0.01 : 1e-12);
        Assert.True(Math.Abs(value - expected) <= error * Math.Abs(expected), $"{statistic}: {value}, not {expected}");
    }

    [Fact]
    public void A_limit_may_be_below_or_on_both_sides()
    {
        var sensor = new RuledSensor(Mean.Replace("\"above\":30", "\"above\":30,\"below\":10", StringComparison.Ordinal));
        sensor.Read(5, 20);
        foreach (var (window, value) in new[] { 9.0, 11, 12, 31, 9, 20 }.Index())
        {
            sensor.Read(15 + (10 * window), value);
        }

        sensor.Pass(1000);
        Assert.Equal(["Raised warm 20", "Cleared warm 40", "Raised warm 50", "Cleared warm 70"], sensor.Story);
    }

    [Fact]
    public void Late_readings_count_until_their_window_is_over_and_never_judge_it_again()
    {
        var sensor = new RuledSensor(Mean);
        sensor.Read(5, 0);
        foreach (var (second, value) in new[] { (18, 20.0), (12, 50), (9, 0), (19, 32) })
        {
            sensor.Read(second, value);
        }

        sensor.Pass(20);
        Assert.Equal(34, Assert.Single(sensor.Changes).Value);
        sensor.Read(19, 0);
        sensor.Read(22, 20);
        sensor.Read(19, 0);
        sensor.Pass(30);
        Assert.Equal(["Raised warm 20", "Cleared warm 30"], sensor.Story);
        Assert.Equal(20, sensor.Changes[1].Value);
    }

    [Fact]
    public void Readings_of_a_window_that_stream_time_has_passed_do_not_begin_it()
    {
        var sensor = new RuledSensor(Mean);
        sensor.Read(5, 0);
        sensor.StreamTime = 20;
        sensor.Read(15, 99);
        sensor.Pass(20);
        sensor.Read(25, 31);
        sensor.StreamTime = 1000;
        sensor.Read(29, 33);
        sensor.Pass(1000);
        Assert.Equal((30 * RuledSensor.Second, 32), (Assert.Single(sensor.Changes).At, sensor.Changes[0].Value));
    }

    [Fact]
    public void Windows_without_values_neither_raise_nor_clear_nor_end_a_dwell()
    {
        var sensor = new RuledSensor(Mean.Replace("{\"kind", "{\"dwell_readings\":2,\"kind", StringComparison.Ordinal));
        sensor.ReadEach(9, 20, 31);
        sensor.Read(35, double.NaN, 50);
        sensor.Pass(500);
        Assert.Empty(sensor.Changes);
        sensor.Read(501, 31);
        sensor.Pass(510);
        Assert.Equal(["Raised warm 510"], sensor.Story);
        sensor.Pass(100_000);
        Assert.Single(sensor.Changes);
    }

    [Fact]
    public void The_dwell_lasts_from_the_end_of_the_first_violating_window()
    {
        var sensor = new RuledSensor(Mean.Replace("{\"kind", "{\"dwell\":\"15s\",\"kind", StringComparison.Ordinal));
        sensor.Read(5, 20);
        foreach (var (window, value) in new[] { 31.0, 20, 31, 31, 31 }.Index())
        {
            sensor.Read(15 + (10 * window), value);
        }

        sensor.Pass(60);
        Assert.Equal(["Raised warm 60"], sensor.Story);
    }

    [Fact]
    public void The_count_of_a_window_without_values_is_0_once_the_sensor_has_sent_one()
    {
        var (once, often) = (new RuledSensor(Few), new RuledSensor(Few));
        foreach (var sensor in new[] { once, often })
        {
            sensor.Read(5, double.NaN, 50);
            sensor.Pass(100);
            sensor.ReadEach(105, 1, 2, 3, 4, 5, 6, 7, 8);
        }

        for (var second = 113; second < 300; second++)
        {
            often.Pass(second);
        }

        once.Restart();
        once.Pass(299);
        Assert.Equal(["Raised warm 130"], often.Story);
        Assert.Equal(often.Changes, once.Changes);
        Assert.Equal((0, 112 * RuledSensor.Second), (once.Changes[0].Value, once.Changes[0].LastReadingAt));
        once.ReadEach(301, 1, 2, 3);
        once.Pass(310);
        Assert.Equal(["Raised warm 130", "Cleared warm 310"], once.Story);
    }

    [Fact]
    public void The_dwell_of_a_count_goes_on_in_windows_without_values()
    {
        var sensor = new RuledSensor(Few.Replace("{\"kind", "{\"dwell_readings\":3,\"dwell\":\"25s\",\"kind", StringComparison.Ordinal));
        sensor.ReadEach(9, 20, 31);
        sensor.Pass(1000);
        Assert.Equal(["Raised warm 50"], sensor.Story);
    }

    [Fact]
    public void A_count_that_was_too_high_clears_in_a_window_without_values()
    {
        var sensor = new RuledSensor(Few.Replace("below", "above", StringComparison.Ordinal));
        sensor.ReadEach(9, 1, 2, 3, 4, 5);
        sensor.Pass(1000);
        Assert.Equal(["Raised warm 20", "Cleared warm 30"], sensor.Story);
        Assert.Equal([4.0, 0], sensor.Changes.Select(change => change.Value));
    }

    [Theory]
    [InlineData("\"per\":\"10s\"", "\"per\":\"20s\"", 40)]
    [InlineData("\"mean\"", "\"max\"", 30)]
    [InlineData("\"mean\"", "\"p95\"", 30)]
    public void Another_size_or_statistic_begins_anew_and_keeps_the_open_alert(string before, string after, int end)
    {
        var sensor = new RuledSensor(Mean);
        sensor.ReadEach(9, 20, 31);
        sensor.Pass(20);
        sensor.Read(21, 10);
        sensor.Use(22, Mean.Replace(before, after, StringComparison.Ordinal));
        sensor.Read(23, 10);
        sensor.Pass(end);
        Assert.Equal(["Raised warm 20"], sensor.Story);
        sensor.Read(end + 1, 11);
        sensor.Pass(end + 20);
        Assert.Equal(AlertTransition.Cleared, sensor.Changes[1].Transition);
        Assert.Equal(11, sensor.Changes[1].Value, 0.2);
    }

    [Fact]
    public void Other_limits_judge_the_window_that_is_filling_and_a_rule_that_goes_clears()
    {
        var sensor = new RuledSensor(Mean);
        sensor.ReadEach(9, 20, 25);
        sensor.Use(12, Mean.Replace("30", "22", StringComparison.Ordinal));
        sensor.Pass(20);
        Assert.Equal(["Raised warm 20"], sensor.Story);
        sensor.Use(25);
        Assert.Equal(["Raised warm 20", "Cleared warm 25"], sensor.Story);
        Assert.True(sensor.Changes[1].IsRuleGone);
    }

    [Theory]
    [InlineData("mean")]
    [InlineData("stddev")]
    [InlineData("p95")]
    public void The_window_is_read_back_from_the_state(string statistic)
    {
        var rule = Mean.Replace("\"mean\",\"above\":30", $"\"{statistic}\",\"above\":-1,\"dwell_readings\":2", StringComparison.Ordinal);
        var (whole, restarted) = (new RuledSensor(rule), new RuledSensor(rule));
        for (var second = 0; second < 40; second++)
        {
            whole.Read(second, Math.Sin(second));
            restarted.Read(second, Math.Sin(second));
            var state = restarted.Watches.ToBytes();
            restarted.Restart(state);
            Assert.Equal(7, state[0]);
            Assert.Equal(state, restarted.Watches.ToBytes());
        }

        Assert.NotEmpty(whole.Changes);
        Assert.Equal(whole.Changes, restarted.Changes);
    }

    [Fact]
    public void Values_that_are_no_finite_numbers_do_not_count()
    {
        var sensor = new RuledSensor(Mean.Replace("mean", "count", StringComparison.Ordinal).Replace("30", "0", StringComparison.Ordinal));
        sensor.ReadEach(9, 20, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 31);
        sensor.Pass(20);
        Assert.Equal(1, Assert.Single(sensor.Changes).Value);
    }

    [Theory]
    [InlineData("range", 1)]
    [InlineData("stddev", 0)]
    [InlineData("max", 1)]
    public void A_statistic_beyond_the_numbers_is_the_greatest_or_is_not_judged(string statistic, int alerts)
    {
        var sensor = new RuledSensor(Mean.Replace("mean", statistic, StringComparison.Ordinal));
        sensor.ReadEach(9, 20, double.MaxValue, double.MinValue);
        sensor.Pass(20);
        Assert.Equal(Enumerable.Repeat(double.MaxValue, alerts), sensor.Changes.Select(change => change.Value));
    }

    [Fact]
    public void After_a_dismissal_no_window_has_readings_from_before_it()
    {
        var sensor = new RuledSensor(Mean);
        sensor.ReadEach(9, 20, 50, 50, 20);
        sensor.Watches.Forget(RuledSensor.Id, 11 * RuledSensor.Second);
        sensor.Watches.ApplyForgotten(RuledSensor.Id, sensor.Changes);
        sensor.ReadEach(13, 20, 20);
        sensor.Pass(20);
        Assert.Empty(sensor.Changes);
        sensor.Read(25, 31);
        sensor.Watches.ApplyForgotten(RuledSensor.Id, sensor.Changes);
        sensor.Pass(30);
        Assert.Equal(["Raised warm 30"], sensor.Story);
    }

    [Theory]
    [InlineData("\"statistic\":\"mean\",\"above\":30", "\"per\" is missing; give the size of a window, such as 15m.")]
    [InlineData("\"per\":\"0s\"", "\"per\" must be a duration above 0, such as")]
    [InlineData("\"per\":\"1m\",\"above\":30", "\"statistic\" is missing; give mean, min, max, range, stddev, count, sum or a percentile")]
    [InlineData("\"per\":\"1m\",\"statistic\":\"median\"", "count, sum or a percentile from p1 to p99; got \"median\".")]
    [InlineData("\"per\":\"1m\",\"statistic\":\"p0\"", "from p1 to p99; got \"p0\".")]
    [InlineData("\"per\":\"1m\",\"statistic\":\"p100\"", "from p1 to p99; got \"p100\".")]
    [InlineData("\"per\":\"1m\",\"statistic\":\"p05\"", "from p1 to p99; got \"p05\".")]
    [InlineData("\"per\":\"1m\",\"statistic\":\"p\"", "from p1 to p99; got \"p\".")]
    [InlineData("\"per\":\"1m\",\"statistic\":\"p9x\"", "from p1 to p99; got \"p9x\".")]
    [InlineData("\"per\":\"1m\",\"statistic\":7", "\"statistic\" must be a text of 1 to 100 characters; got 7.")]
    [InlineData("\"per\":\"1m\",\"statistic\":\"mean\"", "\"above\" or \"below\" is missing; give the limit as a number.")]
    [InlineData("\"per\":\"1m\",\"statistic\":\"mean\",\"above\":1e999", "\"above\" must be a number; got 1e999.")]
    [InlineData(
        "\"per\":\"1m\",\"statistic\":\"mean\",\"above\":3,\"below\":1,\"hysteresis\":1",
        "\"above\" must exceed \"below\" by more than twice \"hysteresis\"")]
    [InlineData("\"per\":\"1m\",\"statistic\":\"mean\",\"above\":3,\"least\":1", "\"least\" is not a member of this rule")]
    [InlineData("\"selector\":{}", "\"selector.measurement\" is missing; give one of temperature, humidity.")]
    public void A_wrong_rule_is_refused(string members, string reason) => Assert.Contains(
        reason,
        Assert.Throws<FormatException>(() => RuledSensor.Document($"{{\"kind\":\"window\",{members}}}")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void The_members_are_read()
    {
        var rule = RuledSensor.Document(Mean.Replace("\"above\":30", "\"above\":30,\"below\":-5", StringComparison.Ordinal));
        Assert.Equal(
            new WindowCondition
            {
                Per = 10 * RuledSensor.Second,
                Statistic = WindowStatistic.Find("mean")!.Value,
                Limits = new() { High = 30, Low = -5, Hysteresis = 2 },
            },
            rule.Condition);
        Assert.Equal((1, AlertLevel.Warning), (rule.DwellReadings, rule.Level));
        var names = new[] { "mean", "min", "max", "range", "stddev", "count", "sum" }
            .Concat(Enumerable.Range(1, 99).Select(percent => string.Create(CultureInfo.InvariantCulture, $"p{percent}"))).ToList();
        Assert.Equal(names, names.Select(name => WindowStatistic.Find(name)!.Value.Name));
    }

    [Theory]
    [InlineData("mean")]
    [InlineData("count")]
    [InlineData("p95")]
    public void A_reading_allocates_nothing(string statistic)
    {
        var sensor = new RuledSensor(Mean.Replace("mean", statistic, StringComparison.Ordinal));
        for (var second = 0; second < 100; second++)
        {
            sensor.Read(second, 20 + (second % 7));
        }

        var batch = ReadingBatch.Of(sensor.NewReading(100, 21));
        Observe();
        batch.Readings[0].Timestamp += RuledSensor.Second;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Observe();
            batch.Readings[0].Timestamp += RuledSensor.Second;
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Observe() => sensor.Watch!.Observe(
            batch.Readings[0], batch.ValuesOf(batch.Readings[0]), SensorWatch.Never, long.MaxValue, RuledSensor.BuiltIn, sensor.Changes);
    }
}
