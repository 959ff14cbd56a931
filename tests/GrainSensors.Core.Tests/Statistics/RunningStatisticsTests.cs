using CsCheck;
using GrainSensors.Core.Statistics;

namespace GrainSensors.Core.Tests.Statistics;

public sealed class RunningStatisticsTests
{
    private static readonly Gen<double[]> Values = Gen.OneOf(
        Gen.Double[-50, 50].Array[1, 200],
        Gen.Double[1e9, 1e9 + 1].Array[1, 200],
        Gen.Double[-1e-9, 1e-9].Array[1, 200],
        Gen.Select(Gen.Double[-1e6, 1e6], Gen.Int[1, 200]).Select((value, count) => Enumerable.Repeat(value, count).ToArray()));

    [Fact]
    public void Of_nothing_all_is_zero()
    {
        Assert.Equal(new RunningStatistics(0, 0, 0, 0, 0), default);
        Assert.Equal((0.0, 0.0), (default(RunningStatistics).PopulationVariance, default(RunningStatistics).PopulationStandardDeviation));
    }

    [Fact]
    public void Of_one_number_there_is_no_spread() =>
        Assert.Equal(new(1, -3.5, 0, -3.5, -3.5), default(RunningStatistics).Add(-3.5));

    [Fact]
    public void Of_a_known_series_it_is_what_the_textbook_says()
    {
        var statistics = Over([2, 4, 4, 4, 5, 5, 7, 9]);
        Assert.Equal((8L, 5.0, 2.0, 9.0), (statistics.Count, statistics.Mean, statistics.Min, statistics.Max));
        Assert.Equal(32, statistics.M2, 1e-12);
        Assert.Equal(4, statistics.PopulationVariance, 1e-12);
        Assert.Equal(2, statistics.PopulationStandardDeviation, 1e-12);
    }

    [Fact]
    public void One_pass_agrees_with_two() => Values.Sample(values => AssertTwoPass(values, Over(values)));

    [Fact]
    public void Merged_in_any_split_it_is_the_same() =>
        Gen.Select(Values, Gen.Int[0, 200], Gen.Int[0, 200]).Sample((values, a, b) =>
        {
            var (first, second) = (Math.Min(Math.Min(a, b), values.Length), Math.Min(Math.Max(a, b), values.Length));
            var (x, y, z) = (Over(values[..first]), Over(values[first..second]), Over(values[second..]));
            AssertTwoPass(values, x.Merge(y).Merge(z));
            AssertTwoPass(values, x.Merge(y.Merge(z)));
            AssertTwoPass(values, z.Merge(x).Merge(y));
        });

    [Fact]
    public void Merging_nothing_changes_nothing() =>
        Values.Sample(
            values => Over(values).Merge(default) == Over(values) && default(RunningStatistics).Merge(Over(values)) == Over(values));

    [Fact]
    public void A_small_spread_around_a_large_number_is_not_cancelled()
    {
        // Σx² − (Σx)²/n has no correct digit left here.
        double[] values = [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16];
        Assert.Equal(22.5, Over(values).PopulationVariance, 1e-6);
        Assert.Equal(22.5, Over(values[..1]).Merge(Over(values[1..])).PopulationVariance, 1e-6);
        Assert.Equal(22.5, Over([.. Enumerable.Repeat(values, 10_000).SelectMany(v => v)]).PopulationVariance, 1e-6);
    }

    [Fact]
    public void Parts_of_very_different_size_merge_well()
    {
        var many = Over([.. Enumerable.Range(0, 100_000).Select(i => 20 + (i % 2))]);
        var merged = many.Merge(default(RunningStatistics).Add(1e6));
        Assert.Equal(((20.5 * 100_000) + 1e6) / 100_001, merged.Mean, 1e-9);
        Assert.Equal((20.0, 1e6), (merged.Min, merged.Max));
        Assert.Equal(many.Add(1e6).M2, merged.M2, merged.M2 * 1e-12);
    }

    private static RunningStatistics Over(double[] values) => values.Aggregate(default(RunningStatistics), (s, v) => s.Add(v));

    private static void AssertTwoPass(double[] values, RunningStatistics actual)
    {
        // Values are shifted by the first one, so that a small variance around a large number keeps its digits.
        var shifted = values.Select(v => v - values[0]).ToArray();
        var mean = shifted.Average();
        var m2 = shifted.Sum(v => (v - mean) * (v - mean));
        var scale = values.Max(Math.Abs);
        Assert.Equal(values.Length, actual.Count);
        Assert.Equal((values.Min(), values.Max()), (actual.Min, actual.Max));
        Assert.Equal(values[0] + mean, actual.Mean, (scale * 1e-14) + 1e-300);

        // The numbers themselves are rounded to scale · 2⁻⁵³, which bounds the accuracy of any method.
        var rounding = scale * 1e-15 * values.Length;
        Assert.Equal(m2, actual.M2, (m2 * 1e-9) + (rounding * rounding) + (rounding * Math.Sqrt(m2)) + 1e-300);
    }
}
