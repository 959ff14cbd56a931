using CsCheck;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;

namespace GrainSensors.Core.Tests.Alerts;

public sealed class BaselineTests
{
    private const long Memory = 1800 * EpochTime.MicrosPerSecond;

    [Fact]
    public void As_long_as_it_is_young_it_is_the_plain_mean_and_variance() =>
        Gen.Double[-50, 50].Array[1, 200].Sample(values =>
        {
            var baseline = default(Baseline);
            var plain = default(RunningStatistics);
            for (var i = 0; i < values.Length; i++)
            {
                baseline = baseline.Add(values[i], i, Memory, 0);
                plain = plain.Add(values[i]);
            }

            Assert.Equal(plain.Mean, baseline.Mean, 1e-9);
            Assert.Equal(plain.PopulationVariance, baseline.Variance, 1e-6);
        });

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    public void It_forgets_by_time_and_not_by_readings(int interval)
    {
        var baseline = default(Baseline);
        long at = 0;
        for (; at < 10 * Memory; at += interval * EpochTime.MicrosPerSecond)
        {
            baseline = baseline.Add(0, at, Memory, 0);
        }

        for (var until = at + Memory; at < until; at += interval * EpochTime.MicrosPerSecond)
        {
            baseline = baseline.Add(10, at, Memory, 0);
        }

        Assert.Equal(10 * (1 - Math.Exp(-1)), baseline.Mean, 0.01);
    }

    [Fact]
    public void A_jump_over_a_gap_is_drift_and_no_spread()
    {
        var baseline = Scattered();
        var after = baseline.Add(28, 10 * Memory, Memory, driftPerHour: 2);

        Assert.Equal(28, after.Mean, 0.001);
        Assert.InRange(after.Variance, 0, baseline.Variance);
    }

    [Fact]
    public void A_sensor_that_reports_seldom_has_a_spread_too()
    {
        var (baseline, random) = (default(Baseline), new Random(5));
        for (var i = 0; i < 1000; i++)
        {
            baseline = baseline.Add(20 + (random.NextDouble() * 6), i * 900 * EpochTime.MicrosPerSecond, Memory, driftPerHour: 0);
        }

        Assert.InRange(baseline.Deviation, 1.2, 2.5);
    }

    [Fact]
    public void Two_that_are_merged_are_as_one_that_had_all_readings() =>
        Gen.Select(Gen.Double[-50, 50].Array[1, 50], Gen.Double[-50, 50].Array[1, 50]).Sample((left, right) =>
        {
            var merged = Of(left).Merge(Of(right));
            var whole = Of([.. left, .. right]);
            Assert.Equal(whole.Count, merged.Count);
            Assert.Equal(whole.Mean, merged.Mean, 1e-9);
            Assert.Equal(whole.Variance, merged.Variance, 1e-6);
        });

    private static Baseline Scattered() => Of([.. Enumerable.Range(0, 100).Select(i => 20.0 + (i % 2))]);

    private static Baseline Of(double[] values)
    {
        var baseline = default(Baseline);
        for (var i = 0; i < values.Length; i++)
        {
            baseline = baseline.Add(values[i], i, Memory, 0);
        }

        return baseline;
    }
}
