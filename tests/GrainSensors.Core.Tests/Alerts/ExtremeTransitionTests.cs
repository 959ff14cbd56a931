using GrainSensors.Core.Time;

namespace GrainSensors.Core.Tests.Alerts;

/// <summary>The raising, reopening and clearing of alerts about extreme values: dwell, cool-down and late readings.</summary>
public sealed class ExtremeTransitionTests
{
    [Fact]
    public void A_dwell_asks_for_readings_in_a_row()
    {
        var sensor = WatchedSensor.Warm(new() { DwellReadings = 3 });
        sensor.Read(100, 25);
        sensor.Read(101, 25);
        sensor.Read(102, 20);
        sensor.Read(103, 25);
        sensor.Read(104, 25);
        Assert.Empty(sensor.Changes);

        sensor.Read(105, 25);

        Assert.Equal(["Raised 105"], sensor.Story);
    }

    [Fact]
    public void A_dwell_asks_for_a_duration()
    {
        var sensor = WatchedSensor.Warm(new() { DwellTime = 10 * EpochTime.MicrosPerSecond });
        for (var second = 100; second < 115; second++)
        {
            sensor.Read(second, 25);
        }

        Assert.Equal(["Raised 110"], sensor.Story);
    }

    [Fact]
    public void Extreme_again_within_the_cool_down_it_is_the_same_alert_and_counts()
    {
        var sensor = WatchedSensor.Warm();
        foreach (var second in (int[])[100, 200, 300])
        {
            sensor.Read(second, 25);
            sensor.Read(second + 1, 20);
        }

        Assert.Equal(["Raised 100", "Cleared 101", "Reopened 200", "Cleared 201", "Reopened 300", "Cleared 301"], sensor.Story);
        Assert.Equal(3, sensor.Changes[^1].Occurrences);
        Assert.Single(sensor.Changes.Select(change => change.RaisedAt).Distinct());
    }

    [Fact]
    public void A_late_extreme_raises_and_the_next_usual_reading_clears_it()
    {
        var sensor = WatchedSensor.Warm();
        sensor.Read(97.5, 25);
        sensor.Read(100, 20);

        Assert.Equal(["Raised 97.5", "Cleared 100"], sensor.Story);
    }

    [Fact]
    public void A_late_extreme_of_an_alert_that_is_over_is_nothing_new()
    {
        var sensor = WatchedSensor.Warm();
        sensor.Read(100, 25);
        sensor.Read(105, 20);
        sensor.Read(103, 25);

        Assert.Equal(["Raised 100", "Cleared 105"], sensor.Story);
    }

    [Fact]
    public void A_late_usual_reading_neither_clears_nor_counts()
    {
        var sensor = WatchedSensor.Warm();
        sensor.Read(100, 25);
        var before = sensor.Watch.Values[0].Usual;
        sensor.Read(99.5, 20);

        Assert.Equal(["Raised 100"], sensor.Story);
        Assert.Equal(before, sensor.Watch.Values[0].Usual);
    }
}
