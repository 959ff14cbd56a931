using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Tests.Alerts;

public sealed class SilenceTests
{
    private readonly WatchedSensor _sensor = new();

    [Fact]
    public void A_sensor_is_disconnected_when_its_time_out_has_passed_and_not_before()
    {
        _sensor.Read(0, 20);
        _sensor.Pass(30);
        Assert.Empty(_sensor.Changes);

        _sensor.Pass(30.001);

        var alert = Assert.Single(_sensor.Changes);
        Assert.Equal(
            (AlertKind.Disconnected, AlertTransition.Raised, AlertChange.WholeSensor), (alert.Kind, alert.Transition, alert.Measurement));
        Assert.Equal((30 * EpochTime.MicrosPerSecond, 0), (alert.At, alert.LastReadingAt));
    }

    [Fact]
    public void It_is_said_once_however_long_it_lasts()
    {
        _sensor.Read(0, 20);
        for (var second = 0; second < 1000; second++)
        {
            _sensor.Pass(second);
        }

        Assert.Equal(["Raised 30"], _sensor.Story);
    }

    [Fact]
    public void The_first_good_reading_clears_it()
    {
        _sensor.Read(0, 20);
        _sensor.Pass(100);
        _sensor.Read(101, 20);

        Assert.Equal(["Raised 30", "Cleared 101"], _sensor.Story);
    }

    [Fact]
    public void A_gap_that_was_over_before_anybody_looked_is_told_all_the_same()
    {
        _sensor.Read(0, 20);
        _sensor.Read(31, 20);

        Assert.Equal(["Raised 30", "Cleared 31"], _sensor.Story);
    }

    [Fact]
    public void A_rule_that_is_off_raises_nothing()
    {
        var sensor = new WatchedSensor(new(new() { IsEnabled = false }, [null, null]));
        sensor.Read(0, 20, 50);
        sensor.Read(1, double.NaN, 50);
        sensor.Pass(1000);
        sensor.Read(2000, 20);
        Assert.Empty(sensor.Changes);
    }

    [Fact]
    public void Turning_the_rule_off_clears_the_alert_of_a_silent_sensor_at_the_next_tick()
    {
        var rules = AlertRules.Default(MeasurementSet.Default);
        var source = new SourceId(Guid.NewGuid(), 0);
        var (watches, changes) = (new SensorWatches(MeasurementSet.Default, rules), new List<AlertChange>());
        watches.Expect(7, 0);
        watches.Tick(source, 100 * EpochTime.MicrosPerSecond, changes);
        watches.SetRules(7, rules with { Disconnection = new() { IsEnabled = false } });
        watches.Tick(source, 200 * EpochTime.MicrosPerSecond, changes);
        watches.Tick(source, 300 * EpochTime.MicrosPerSecond, changes);
        Assert.Equal(
            [(AlertTransition.Raised, 30L, false), (AlertTransition.Cleared, 200L, true)],
            changes.Select(change => (change.Transition, change.At / EpochTime.MicrosPerSecond, change.IsRuleGone)));
    }

    [Fact]
    public void A_null_temperature_is_a_disconnected_probe()
    {
        _sensor.Read(0, 20, 50);
        _sensor.Read(1, double.NaN, 50);
        _sensor.Read(2, double.NaN, 50);
        _sensor.Read(3, 20, 50);

        Assert.Equal(["Raised 1", "Cleared 3"], _sensor.Story);
        Assert.Equal(0, _sensor.Changes[0].LastReadingAt);
    }

    [Fact]
    public void A_sensor_that_has_no_thermometer_is_none_that_is_disconnected()
    {
        for (var second = 0; second < 100; second++)
        {
            _sensor.Read(second, double.NaN, 50);
        }

        Assert.Empty(_sensor.Changes);
    }

    [Fact]
    public void Without_any_value_it_is_disconnected_from_its_first_reading()
    {
        _sensor.Read(5, double.NaN);

        Assert.Equal(["Raised 5"], _sensor.Story);
        Assert.Equal(SensorWatch.Never, _sensor.Changes[0].LastReadingAt);
    }

    [Fact]
    public void One_that_was_expected_and_never_came_is_disconnected()
    {
        _sensor.Watch.Expect(10 * EpochTime.MicrosPerSecond);
        _sensor.Pass(40);
        Assert.Empty(_sensor.Changes);

        _sensor.Pass(41);

        Assert.Equal(["Raised 40"], _sensor.Story);
        Assert.Equal(SensorWatch.Never, _sensor.Changes[0].LastReadingAt);
    }

    [Fact]
    public void To_expect_one_that_was_heard_of_changes_nothing()
    {
        _sensor.Read(100, 20);
        _sensor.Watch.Expect(0);
        _sensor.Pass(120);

        Assert.Empty(_sensor.Changes);
    }

    [Fact]
    public void A_late_reading_that_proves_nothing_about_now_does_not_clear_it()
    {
        _sensor.Read(0, 20);
        _sensor.Pass(100);
        _sensor.Read(10, 20);
        _sensor.Read(102, 20);

        Assert.Equal(["Raised 30", "Cleared 102"], _sensor.Story);
        Assert.Equal(10 * EpochTime.MicrosPerSecond, _sensor.Changes[1].LastReadingAt);
    }

    [Fact]
    public void Silent_again_within_the_cool_down_it_is_the_same_alert_and_counts()
    {
        _sensor.Read(0, 20);
        _sensor.Pass(60);
        _sensor.Read(60, 20);
        _sensor.Pass(120);
        _sensor.Read(120, 20);
        _sensor.Read(600, 20);

        Assert.Equal(["Raised 30", "Cleared 60", "Reopened 90", "Cleared 120", "Reopened 150", "Cleared 600"], _sensor.Story);
        Assert.Equal([1, 1, 2, 2, 3, 3], _sensor.Changes.Select(change => change.Occurrences));
        Assert.Single(_sensor.Changes.Select(change => change.RaisedAt).Distinct());
    }

    [Fact]
    public void A_late_reading_clears_no_alert_before_it_was_raised()
    {
        _sensor.Read(0, 20);
        _sensor.Pass(31);
        _sensor.Read(5, 20);

        Assert.Equal(["Raised 30", "Cleared 30"], _sensor.Story);
        Assert.Equal(5 * EpochTime.MicrosPerSecond, _sensor.Watch.LastReadingAt);
    }

    [Fact]
    public void Silent_again_after_the_cool_down_it_is_another_alert()
    {
        _sensor.Read(0, 20);
        _sensor.Read(60, 20);
        for (var second = 61; second <= 400; second++)
        {
            _sensor.Read(second, 20);
        }

        _sensor.Pass(500);

        Assert.Equal(["Raised 30", "Cleared 60", "Raised 430"], _sensor.Story);
        Assert.Equal(1, _sensor.Changes[^1].Occurrences);
    }

    [Fact]
    public void A_clock_that_is_ahead_hides_no_silence()
    {
        _sensor.Now = 100;
        _sensor.Read(3700, 20);
        _sensor.Pass(129);
        Assert.Empty(_sensor.Changes);

        _sensor.Pass(131);

        Assert.Equal(["Raised 130"], _sensor.Story);
    }

    [Fact]
    public void When_a_clock_that_was_ahead_is_put_right_the_sensor_is_heard_at_once()
    {
        _sensor.Now = 100;
        _sensor.ReadCalm(0, 100);
        _sensor.Read(3700, 25);
        _sensor.Now = 101;
        _sensor.Read(101, 20);

        Assert.Equal(["Raised 100", "Cleared 101"], _sensor.Story);
    }

    [Fact]
    public void A_clock_that_is_a_little_ahead_is_believed()
    {
        _sensor.Now = 100;
        _sensor.Read(129, 20);
        _sensor.Pass(160);

        Assert.Equal(["Raised 159"], _sensor.Story);
    }
}
