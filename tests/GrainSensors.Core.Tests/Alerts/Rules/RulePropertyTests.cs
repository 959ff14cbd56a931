using CsCheck;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Alerts.Rules;

/// <summary>Properties of rules as data that hold for all readings.</summary>
public sealed class RulePropertyTests
{
    private static readonly string[] Rules =
    [
        """{"id":"a","kind":"threshold","above":30,"below":10,"hysteresis":2,"dwell_readings":2,"cool_down":"20s"}""",
        """{"id":"b","kind":"threshold","above":25,"dwell":"5s"}""",
        """{"id":"c","kind":"rate","change":5,"per":"10s","hysteresis":1}""",
        """{"id":"d","kind":"stuck","for":"5s","warm_up":"20s","tolerance":0.5,"cool_down":"0s"}""",
        """{"id":"e","kind":"threshold","below":40,"selector":{"measurement":"humidity"}}""",
        """{"id":"f","kind":"expression","expression":"temperature - humidity / 2 > 2","max_age":"20s","selector":{}}""",
        """{"id":"g","kind":"disconnected","timeout":"4s","dwell":"2s","cool_down":"30s","selector":{}}""",
        """{"id":"h","kind":"disconnected","learnt":true,"minimum":"1s","factor":1.5,"selector":{"measurement":"humidity"}}""",
        """{"id":"i","kind":"missing","per":"10s","least":3,"dwell_readings":2,"dwell":"15s","cool_down":"30s","selector":{}}""",
        """{"id":"j","kind":"missing","per":"5s","least":"80%","selector":{"measurement":"humidity"}}""",
        """{"id":"k","kind":"window","per":"10s","statistic":"mean","above":25,"below":18,"hysteresis":1,"cool_down":"20s"}""",
        """{"id":"l","kind":"window","per":"7s","statistic":"p90","above":45,"dwell_readings":2,"selector":{"measurement":"humidity"}}""",
        """{"id":"m","kind":"window","per":"5s","statistic":"count","above":4,"below":2,"dwell":"12s","cool_down":"0s"}""",
    ];

    private static readonly Gen<(int Sensor, double Second, double Temperature, double Humidity)[]> Steps = Gen.Select(
            Gen.Int[1, 3],
            Gen.Frequency((8, Gen.Int[0, 3]), (1, Gen.Int[5, 120]), (1, Gen.Int[-40, 0])),
            Gen.Frequency(
                (6, Gen.Double[19, 21]), (3, Gen.Const(20.0)), (3, Gen.Double[-20, 60]), (1, Gen.Const(double.NaN)),
                (1, Gen.Const(double.MaxValue)), (1, Gen.Const(double.MinValue)), (1, Gen.Const(-0.0))),
            Gen.Frequency((8, Gen.Double[38, 60]), (1, Gen.Const(double.NaN))))
        .Array[1, 200].Select(steps =>
        {
            var second = 1000.0;
            return steps.Select(step => (step.Item1, second += step.Item2, step.Item3, step.Item4)).ToArray();
        });

    [Fact]
    public void Any_split_into_batches_gives_the_same_alerts() => Gen.Select(Steps, Gen.Int[1, 60].Array[1, 20]).Sample((steps, sizes) =>
    {
        var (single, batched) = (new RuledSensor(Rules), new RuledSensor(Rules));
        Array.ForEach(Readings(single, steps), reading => single.Observe([reading]));
        var left = Readings(batched, steps).AsSpan();
        for (var i = 0; left.Length > 0; i++)
        {
            var size = Math.Min(left.Length, sizes[i % sizes.Length]);
            batched.Observe([.. left[..size]]);
            left = left[size..];
        }

        Assert.Equal(BySensor(single), BySensor(batched));
    });

    [Fact]
    public void A_restart_between_any_two_readings_changes_nothing() => Gen.Select(Steps, Gen.Int[0, 199]).Sample((steps, at) =>
    {
        var (whole, restarted) = (new RuledSensor(Rules), new RuledSensor(Rules));
        foreach (var (i, step) in steps.Index())
        {
            whole.Read(step.Second, step.Temperature, step.Humidity, step.Sensor);
            if (i == at % steps.Length)
            {
                restarted.Restart();
            }

            restarted.Read(step.Second, step.Temperature, step.Humidity, step.Sensor);
        }

        Assert.Equal(whole.Changes, restarted.Changes);
    });

    [Fact]
    public void A_crash_a_replay_from_any_checkpoint_and_other_ticks_change_nothing_if_no_reading_is_late() =>
        Gen.Select(Steps, Gen.Int[0, 199], Gen.Int[0, 199], Gen.Bool).Sample((steps, first, second, ticks) =>
        {
            Array.Sort(steps, (left, right) => left.Second.CompareTo(right.Second));
            int[] points = [first % steps.Length, second % steps.Length];
            var (checkpoint, crash) = (points.Min(), points.Max());
            var (whole, crashed) = (new RuledSensor(Rules), new RuledSensor(Rules));
            var state = crashed.Watches.ToBytes();
            var before = new List<AlertChange>();
            foreach (var (i, step) in steps.Index())
            {
                Take(whole, step, !ticks);
                if (i <= crash)
                {
                    Take(crashed, step, ticks);
                }

                if (i == checkpoint)
                {
                    (state, before) = (crashed.Watches.ToBytes(), [.. crashed.Changes]);
                }
            }

            var lost = crashed.Changes.ToArray();
            crashed.Restart(state);
            crashed.Changes.Clear();
            crashed.Changes.AddRange(before);
            foreach (var step in steps[(checkpoint + 1)..])
            {
                Take(crashed, step, !ticks);
            }

            whole.Pass(steps[^1].Second + 10_000);
            crashed.Pass(steps[^1].Second + 10_000);
            Assert.Equal(InOrder(whole.Changes), InOrder(crashed.Changes));
            Assert.Subset(InOrder(whole.Changes).ToHashSet(), InOrder(lost).ToHashSet());
        });

    [Fact]
    public void Alerts_of_a_rule_open_and_clear_in_turn_and_their_intervals_do_not_overlap() => Steps.Sample(steps =>
    {
        var sensor = new RuledSensor(Rules);
        Array.ForEach(Readings(sensor, steps), reading => sensor.Observe([reading]));
        foreach (var alerts in sensor.Changes.GroupBy(change => (change.SensorId, change.Rule!.Id)))
        {
            var (isOpen, last) = (false, long.MinValue);
            foreach (var change in alerts)
            {
                Assert.NotEqual(isOpen, change.Transition != AlertTransition.Cleared);
                Assert.True(change.At >= last, $"{change.At} after {last}");
                (isOpen, last) = (!isOpen, change.At);
            }
        }
    });

    [Fact]
    public void Other_rules_do_not_change_the_alerts_of_a_rule() => Gen.Select(Steps, Gen.Int[0, Rules.Length - 1]).Sample((steps, index) =>
    {
        var (alone, among) = (new RuledSensor(Rules[index]), new RuledSensor(Rules));
        Array.ForEach(Readings(alone, steps), reading => alone.Observe([reading]));
        Array.ForEach(Readings(among, steps), reading => among.Observe([reading]));
        Assert.Equal(alone.Story, among.Changes.Zip(among.Story).Where(pair => IsOf(pair.First)).Select(pair => pair.Second));

        bool IsOf(AlertChange change) => Rules[index].Contains($"\"id\":\"{change.Rule!.Id}\"", StringComparison.Ordinal);
    });

    private static void Take(RuledSensor sensor, (int Sensor, double Second, double Temperature, double Humidity) step, bool ticks)
    {
        if (ticks)
        {
            sensor.Pass(step.Second);
        }

        sensor.Read(step.Second, step.Temperature, step.Humidity, step.Sensor);
    }

    private static IEnumerable<AlertChange> InOrder(IEnumerable<AlertChange> changes) => changes
        .OrderBy(change => change.SensorId).ThenBy(change => change.Rule!.Id, StringComparer.Ordinal).ThenBy(change => change.At)
        .ThenBy(change => change.LastRaisedAt).ThenBy(change => change.Transition == AlertTransition.Cleared);

    private static Reading[] Readings(RuledSensor sensor, (int Sensor, double Second, double Temperature, double Humidity)[] steps) =>
        Array.ConvertAll(steps, step => sensor.NewReading(step.Second, step.Temperature, step.Humidity, step.Sensor));

    /// <summary>The order between sensors depends on the batches.</summary>
    private static IEnumerable<AlertChange> BySensor(RuledSensor sensor) => sensor.Changes.OrderBy(change => change.SensorId);
}
