using CsCheck;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Statistics;

namespace GrainSensors.Core.Tests.Alerts.Rules;

/// <summary>Rules about windows, compared with a recomputation of each window from a list of all readings.</summary>
public sealed class WindowRulePropertyTests
{
    private const double Per = 10;
    private const double High = 24.123;
    private const double Low = 2.123;
    private const double Hysteresis = 1.5;

    private static readonly string[] Statistics = ["mean", "min", "max", "range", "stddev", "count", "sum", "p1", "p50", "p90", "p99"];

    /// <summary>Readings with a value, and moments at which only stream time passes (null). Some are late.</summary>
    private static readonly Gen<(double Second, double? Value)[]> Steps = Gen.Select(
            Gen.Frequency((12, Gen.Int[0, 3]), (1, Gen.Int[4, 60]), (2, Gen.Int[-15, -1])),
            Gen.Frequency(
                (8, Gen.Double[-5, 40]), (2, Gen.Double[20, 26]), (1, Gen.Const(double.NaN)), (1, Gen.Const(double.PositiveInfinity))),
            Gen.Int[0, 5])
        .Array[1, 150].Select(steps =>
        {
            var second = 1000.0;
            return steps.Select(step => (second += step.Item1, step.Item3 == 0 ? (double?)null : step.Item2)).ToArray();
        });

    [Fact]
    public void Every_window_gives_what_its_readings_give_when_they_are_all_known() =>
        Gen.Select(Steps, Gen.Int[0, Statistics.Length - 1], Gen.Int[1, 3], Gen.Int[0, 149]).Sample(
            (steps, which, dwell, restart) =>
            {
                var statistic = Statistics[which];
                var sensor = new RuledSensor(
                    $$"""
                    {"kind":"window","per":"{{Per}}s","statistic":"{{statistic}}","above":{{High}},"below":{{Low}},
                     "hysteresis":{{Hysteresis}},"dwell_readings":{{dwell}},"cool_down":"0s"}
                    """);
                foreach (var (i, (second, value)) in steps.Index())
                {
                    if (i == restart)
                    {
                        sensor.Restart();
                    }

                    if (value is { } read)
                    {
                        sensor.Read(second, read);
                    }
                    else
                    {
                        sensor.Pass(second);
                    }

                    sensor.StreamTime = double.IsNaN(sensor.StreamTime) ? second : Math.Max(sensor.StreamTime, second);
                }

                sensor.Pass(100_000);
                var expected = Judge(Windows([.. steps, (100_000, null)], statistic), dwell).ToList();
                var found = sensor.Changes.Select(change => (
                    change.Transition == AlertTransition.Cleared, (double)change.At / RuledSensor.Second, Math.Round(change.Value, 6)));
                Assert.Equal(expected, found);
            });

    /// <returns>The end and the statistic of each window that has one, in order.</returns>
    private static IEnumerable<(double End, double Statistic)> Windows((double Second, double? Value)[] steps, string statistic)
    {
        var begun = Array.FindIndex(steps, step => step.Value is { } value && double.IsFinite(value));
        if (begun < 0)
        {
            yield break;
        }

        var from = (Math.Floor(steps[..(begun + 1)].Max(step => step.Second) / Per) + 1) * Per;
        for (var end = from + Per; end <= steps.Max(step => step.Second); end += Per)
        {
            var over = Array.FindIndex(steps, step => step.Second >= end);
            var values = steps[..over].Skip(begun + 1)
                .Where(step => step.Second >= end - Per && step.Second < end && step.Value is { } value && double.IsFinite(value))
                .Select(step => step.Value!.Value).ToList();
            if (values.Count > 0 || statistic == "count")
            {
                yield return (end, StatisticOf(values, statistic));
            }
        }
    }

    private static double StatisticOf(List<double> values, string statistic)
    {
        switch (statistic)
        {
            case "mean": return values.Average();
            case "min": return values.Min();
            case "max": return values.Max();
            case "range": return values.Max() - values.Min();
            case "stddev": return Math.Sqrt(values.Average(value => (value - values.Average()) * (value - values.Average())));
            case "count": return values.Count;
            case "sum": return values.Sum();
        }

        var sketch = new QuantileSketch();
        values.ForEach(sketch.Add);
        return sketch.Quantile(int.Parse(statistic.AsSpan(1), null) / 100.0, values.Min(), values.Max());
    }

    private static IEnumerable<(bool IsCleared, double End, double Statistic)> Judge(
        IEnumerable<(double End, double Statistic)> windows, int dwell)
    {
        var (above, below, isOpen) = (0, 0, false);
        foreach (var (end, statistic) in windows)
        {
            above = statistic > High ? above + 1 : 0;
            below = statistic < Low ? below + 1 : 0;
            var isCalm = statistic <= High - Hysteresis && statistic >= Low + Hysteresis;
            if (isOpen ? isCalm : Math.Max(above, below) >= dwell)
            {
                yield return (isOpen, end, Math.Round(statistic, 6));
                isOpen = !isOpen;
            }
        }
    }
}
