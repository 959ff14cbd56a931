using CsCheck;
using GrainSensors.Core.Alerts;

namespace GrainSensors.Core.Tests.Alerts;

/// <summary>Properties of alerts that hold for all readings.</summary>
public sealed class AlertPropertyTests
{
    private static readonly Gen<(double Second, double Temperature, double Humidity)[]> Readings = Gen.Select(
            Gen.Frequency((8, Gen.Double[0, 3]), (1, Gen.Double[0, 120]), (1, Gen.Double[-40, 0])),
            Gen.Frequency((8, Gen.Double[19, 21]), (2, Gen.Double[-20, 60]), (1, Gen.Const(double.NaN))),
            Gen.Frequency((8, Gen.Double[45, 55]), (1, Gen.Double[0, 100]), (1, Gen.Const(double.NaN))))
        .Array[1, 400].Select(steps =>
        {
            var second = 1000.0;
            return steps.Select(step => (second += step.Item1, step.Item2, step.Item3)).ToArray();
        });

    [Fact]
    public void Alerts_of_a_kind_open_and_clear_in_turn() => Readings.Sample(readings =>
    {
        foreach (var group in Watch(readings).Changes.GroupBy(change => (change.Kind, change.Measurement)))
        {
            var isOpen = false;
            foreach (var change in group)
            {
                Assert.NotEqual(isOpen, change.Transition != AlertTransition.Cleared);
                isOpen = !isOpen;
            }
        }
    });

    [Fact]
    public void An_alert_is_raised_once_and_then_reopens_and_counts() => Readings.Sample(readings =>
    {
        foreach (var alert in Watch(readings).Changes.GroupBy(change => (change.Kind, change.Measurement, change.RaisedAt)))
        {
            Assert.Equal(AlertTransition.Raised, alert.First().Transition);
            Assert.Equal(alert.First().RaisedAt, alert.First().At);
            var opened = alert.Where(change => change.Transition != AlertTransition.Cleared).ToList();
            Assert.Equal(Enumerable.Range(1, opened.Count), opened.Select(change => change.Occurrences));
            Assert.DoesNotContain(opened.Skip(1), change => change.Transition == AlertTransition.Raised);
        }
    });

    [Fact]
    public void The_intervals_of_an_alert_do_not_overlap() => Readings.Sample(readings =>
    {
        foreach (var group in Watch(readings, look: true).Changes.GroupBy(change => (change.Kind, change.Measurement)))
        {
            var (raisedAt, end) = (0L, 0L);
            foreach (var change in group)
            {
                if (change.Transition != AlertTransition.Cleared)
                {
                    raisedAt = change.At;
                    Assert.True(raisedAt >= end, $"raised at {raisedAt}, cleared before at {end}");
                    Assert.Equal(raisedAt, change.LastRaisedAt);
                }
                else
                {
                    Assert.Equal(raisedAt, change.LastRaisedAt);
                    Assert.True(change.At >= raisedAt, $"cleared at {change.At}, raised at {raisedAt}");

                    // An interval without a length overlaps nothing.
                    end = change.At > raisedAt ? change.At : end;
                }
            }
        }
    });

    [Fact]
    public void The_same_readings_say_the_same_again() => Readings.Sample(readings =>
        Assert.Equal(Watch(readings).Changes, Watch(readings).Changes));

    [Fact]
    public void Looking_at_the_clock_between_readings_tells_no_more_than_the_readings_do() => Readings.Sample(readings =>
    {
        var inOrder = readings.OrderBy(reading => reading.Second).ToArray();
        Assert.Equal(Watch(inOrder).Changes, Watch(inOrder, look: true).Changes);
    });

    private static WatchedSensor Watch((double Second, double Temperature, double Humidity)[] readings, bool look = false)
    {
        var sensor = new WatchedSensor();
        foreach (var (second, temperature, humidity) in readings)
        {
            if (look)
            {
                sensor.Pass(second);
            }

            sensor.Read(second, temperature, humidity);
        }

        return sensor;
    }
}
