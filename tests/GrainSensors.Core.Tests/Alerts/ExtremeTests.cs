using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;

namespace GrainSensors.Core.Tests.Alerts;

public sealed class ExtremeTests
{
    private static readonly ExtremeRule Rule = new();

    [Fact]
    public void A_value_far_from_the_usual_one_raises_and_the_usual_one_clears()
    {
        var sensor = WatchedSensor.Warm();
        sensor.Read(100, 25);
        sensor.Read(101, 25);
        sensor.Read(102, 20);

        Assert.Equal(["Raised 100", "Cleared 102"], sensor.Story);
        Assert.Equal((AlertKind.Extreme, 0, 25.0), (sensor.Changes[0].Kind, sensor.Changes[0].Measurement, sensor.Changes[0].Value));
        Assert.Equal(20.1, sensor.Changes[0].Expected, 0.01);
        Assert.Equal(99 * EpochTime.MicrosPerSecond, sensor.Changes[0].LastReadingAt);
    }

    [Theory]
    [InlineData(22.9, false)]
    [InlineData(17.3, false)]
    [InlineData(23.2, true)]
    [InlineData(16.9, true)]
    public void It_takes_the_least_deviation_on_either_side(double value, bool raises)
    {
        var sensor = WatchedSensor.Warm();
        sensor.Read(100, value);

        Assert.Equal(raises, sensor.Changes.Count > 0);
    }

    [Fact]
    public void It_takes_several_times_the_usual_spread()
    {
        var sensor = WatchedSensor.New(Rule);
        for (var second = 0; second < 100; second++)
        {
            sensor.Read(second, second % 2 == 0 ? 18 : 22);
        }

        sensor.Read(100, 27);
        Assert.Empty(sensor.Changes);

        sensor.Read(101, 29);
        Assert.Single(sensor.Changes);
    }

    [Fact]
    public void Nothing_is_far_from_what_is_not_known_yet()
    {
        var sensor = WatchedSensor.New(Rule);
        sensor.ReadCalm(0, Rule.WarmUp - 1);
        sensor.Read(60, 80);

        Assert.Empty(sensor.Changes);
    }

    [Fact]
    public void Extreme_values_do_not_become_usual_before_their_time()
    {
        var sensor = WatchedSensor.Warm();
        var before = sensor.Watch.Values[0].Usual;
        for (var second = 100; second < 1900; second++)
        {
            sensor.Read(second, 27);
        }

        Assert.Equal(before, sensor.Watch.Values[0].Usual);
        Assert.Equal(["Raised 100"], sensor.Story);
    }

    [Fact]
    public void A_lasting_shift_becomes_the_usual_and_clears()
    {
        var sensor = WatchedSensor.Warm();
        for (var second = 100; second < 5000; second++)
        {
            sensor.Read(second, 27);
        }

        Assert.Equal(["Raised 100", "Cleared 3700"], sensor.Story);
        Assert.Equal(27, sensor.Watch.Values[0].Usual.Mean, 0.001);
    }

    [Fact]
    public void A_slow_drift_is_no_extreme()
    {
        var sensor = WatchedSensor.New(Rule);
        for (var second = 0; second < 86_400; second += 10)
        {
            sensor.Read(second, 20 + (10 * Math.Sin(2 * Math.PI * second / 86_400)));
        }

        Assert.Empty(sensor.Changes);
    }

    [Fact]
    public void What_may_have_drifted_while_the_sensor_was_away_is_no_extreme()
    {
        var sensor = WatchedSensor.Warm();
        sensor.Read(100 + (3 * 3600), 28);
        sensor.ReadCalm(101 + (3 * 3600), 100, 28);

        Assert.Empty(sensor.Changes);
    }

    [Fact]
    public void Between_the_thresholds_neither_raises_nor_clears()
    {
        var sensor = WatchedSensor.Warm();
        sensor.Read(100, 22.8);
        Assert.Empty(sensor.Changes);

        sensor.Read(101, 24);
        sensor.Read(102, 22.8);
        sensor.Read(103, 24);
        sensor.Read(104, 22);
        sensor.Read(105, 21);

        Assert.Equal(["Raised 101", "Cleared 105"], sensor.Story);
    }

    [Fact]
    public void What_stays_between_the_thresholds_becomes_the_usual_and_clears()
    {
        var sensor = WatchedSensor.Warm();
        sensor.Read(100, 25);
        for (var second = 101; second < 5000; second++)
        {
            sensor.Read(second, 22.2);
        }

        Assert.Equal(["Raised 100", "Cleared 3700"], sensor.Story);
    }

    [Fact]
    public void A_lasting_shift_of_a_sensor_that_reports_seldom_becomes_the_usual_as_soon()
    {
        var sensor = WatchedSensor.New(Rule);
        for (var minute = 0; minute < 3000; minute += 20)
        {
            sensor.Read(minute * 60, minute < 2000 ? 20 : 40);
        }

        Assert.Equal([$"Raised {2000 * 60}", $"Cleared {2060 * 60}"], sensor.Story);
        Assert.Equal(40, sensor.Watch.Values[0].Usual.Mean, 0.001);
    }

    [Fact]
    public void A_sensor_that_reports_seldom_and_scatters_raises_nothing_until_it_is_far_from_that()
    {
        var (sensor, random) = (WatchedSensor.New(Rule), new Random(2));
        for (var quarter = 0; quarter < 2000; quarter++)
        {
            sensor.Read(quarter * 900, 18 + (random.NextDouble() * 8));
        }

        Assert.Empty(sensor.Changes);
        sensor.Read(2000 * 900, 45);
        Assert.Single(sensor.Changes);
    }

    [Fact]
    public void Errors_among_the_first_readings_hide_no_error_after_them()
    {
        var sensor = WatchedSensor.New(Rule);
        for (var second = 0; second < 60; second++)
        {
            sensor.Read(second, second % 9 == 0 ? 30 : 20 + (0.1 * (second % 3)));
        }

        sensor.ReadCalm(60, 5);
        sensor.Read(65, 24.5);

        Assert.Equal(["Raised 65"], sensor.Story);
        Assert.Equal(20.1, sensor.Changes[0].Expected, 0.05);
    }

    [Fact]
    public void A_sensor_that_goes_to_and_fro_is_usual_at_both_ends()
    {
        var sensor = WatchedSensor.New(Rule);
        for (var second = 0; second < 600; second++)
        {
            sensor.Read(second, second / 10 % 4 == 0 ? 8 : 4);
        }

        Assert.Empty(sensor.Changes);
    }

    [Fact]
    public void Limits_hold_from_the_first_reading_on_and_clear_inside_their_margin()
    {
        var sensor = WatchedSensor.New(Rule with { Low = 0, High = 40, MinDeviation = double.PositiveInfinity });
        sensor.Read(0, 41);
        sensor.Read(1, 39.5);
        sensor.Read(2, 39);
        sensor.Read(400, -0.1);

        Assert.Equal(["Raised 0", "Cleared 2", "Raised 400"], sensor.Story);
        Assert.Equal(double.NaN, sensor.Changes[0].Expected);
    }

    [Fact]
    public void Outside_the_limits_nothing_becomes_usual()
    {
        var sensor = WatchedSensor.New(Rule with { High = 40 });
        var second = sensor.ReadCalm(0, 100);
        for (; second < 8000; second++)
        {
            sensor.Read(second, 45);
        }

        Assert.Equal(["Raised 100"], sensor.Story);

        sensor.Read(8000, 20);
        Assert.Equal(["Raised 100", "Cleared 8000"], sensor.Story);
    }
}
