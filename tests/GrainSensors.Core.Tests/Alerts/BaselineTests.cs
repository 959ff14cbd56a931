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
                baseline = baseline.Add(values[i], i, Memory);
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
            baseline = baseline.Add(0, at, Memory);
        }

        for (var until = at + Memory; at < until; at += interval * EpochTime.MicrosPerSecond)
        {
            baseline = baseline.Add(10, at, Memory);
        }

        Assert.Equal(10 * (1 - Math.Exp(-1)), baseline.Mean, 0.01);
    }

    [Fact]
    public void A_jump_over_a_gap_says_nothing_about_the_spread()
    {
        var baseline = default(Baseline);
        for (var i = 0; i < 100; i++)
        {
            baseline = baseline.Add(20 + (i % 2), i * EpochTime.MicrosPerSecond, Memory);
        }

        var after = baseline.Add(28, 10 * Memory, Memory);

        Assert.Equal(28, after.Mean, 0.001);
        Assert.Equal(baseline.Variance, after.Variance);
    }
}
