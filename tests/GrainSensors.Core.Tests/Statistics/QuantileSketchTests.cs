using CsCheck;
using GrainSensors.Core.Statistics;

namespace GrainSensors.Core.Tests.Statistics;

public sealed class QuantileSketchTests
{
    private static readonly double[] Quantiles = [0, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1];

    // The series of the tests of the authors' implementation, github.com/DataDog/sketches-py.
    public static readonly TheoryData<string> Series =
    [
        "constant", "linear up", "linear down", "zoom in", "zoom out", "sequential", "negative", "negative and positive", "normal",
        "lognormal", "exponential", "bimodal", "mixed", "trimodal", "integers",
    ];

    [Theory]
    [MemberData(nameof(Series))]
    public void A_quantile_is_within_one_percent_of_the_value_at_its_rank(string series)
    {
        foreach (var size in new[] { 1, 3, 5, 10, 100, 1000, 20_000 })
        {
            var values = Values(series, size);
            AssertAccurate(values, SketchValues.Of(values));
        }
    }

    [Fact]
    public void It_is_as_accurate_for_any_values() =>
        Gen.OneOf(SketchValues.Wide(-8, 9).Array[1, 300], Gen.Double[-50, 50].Array[1, 300])
            .Sample(values => AssertAccurate(values, SketchValues.Of(values)));

    [Fact]
    public void The_greatest_error_holds_for_any_values() =>
        SketchValues.Any.Where(values => values.Length > 0).Sample(values =>
        {
            var (sorted, sketch) = (values.Order().ToArray(), SketchValues.Of(values));
            Assert.All(Quantiles, q =>
            {
                var exact = sorted[(int)(q * (sorted.Length - 1))];
                var error = (1 + 1e-9) * QuantileSketch.MaxError(exact, sorted[0], sorted[^1]);
                Assert.InRange(sketch.Quantile(q, double.NegativeInfinity, double.PositiveInfinity), exact - error, exact + error);
                Assert.InRange(sketch.Quantile(q, sorted[0], sorted[^1]), exact - error, exact + error);
            });
        });

    [Fact]
    public void A_sketch_that_was_cleared_is_as_a_new_one() => Gen.Select(SketchValues.Any, SketchValues.Any).Sample((before, after) =>
    {
        var cleared = SketchValues.Of(before);
        cleared.Clear();
        Assert.Equal(0, cleared.Count);
        Array.ForEach(after, cleared.Add);
        Assert.Equal(SketchValues.Of(after).ToBytes(), cleared.ToBytes());
    });

    [Fact]
    public void The_greatest_error_is_one_percent_unless_a_value_is_near_zero_or_far_below_the_greatest_one() => Assert.Equal(
        [0.2, 0.2, 1e-300, 1],
        new[]
        {
            QuantileSketch.MaxError(20, -1e9, 1e9), QuantileSketch.MaxError(-20, -1e9, 1e9), QuantileSketch.MaxError(0, 0, 0),
            Math.Round(QuantileSketch.MaxError(1, 0, 5.9e17), 1),
        });

    [Fact]
    public void Ten_thousand_windows_in_random_order_merge_to_the_sketch_of_all_values()
    {
        var random = new Random(1);
        var windows = Enumerable.Range(0, 10_000)
            .Select(i => Enumerable.Range(0, 30).Select(_ => (15 * Math.Sin(i / 500.0)) + random.NextDouble()).ToArray())
            .ToArray();
        var all = windows.SelectMany(window => window).ToArray();
        random.Shuffle(windows);
        var merged = new QuantileSketch();
        foreach (var window in windows)
        {
            merged.Merge(SketchValues.Of(window));
        }

        Assert.Equal(SketchValues.Of(all).ToBytes(), merged.ToBytes());
        AssertAccurate(all, merged);
    }

    [Fact]
    public void Only_the_values_decide_and_not_the_order_of_additions_and_merges() =>
        Gen.Select(SketchValues.Any.Array[1, 8], Gen.Int).Sample((parts, seed) =>
        {
            var random = new Random(seed);
            var all = parts.SelectMany(part => part).ToArray();
            var expected = SketchValues.Of(all).ToBytes();
            random.Shuffle(all);
            Assert.Equal(expected, SketchValues.Of(all).ToBytes());
            var sketches = parts.Select(part => SketchValues.Of(part)).ToList();
            while (sketches.Count > 1)
            {
                var other = sketches[random.Next(1, sketches.Count)];
                sketches.Remove(other);
                var into = sketches[random.Next(sketches.Count)];
                into.Merge(random.Next(2) == 0 ? other : QuantileSketch.Parse(other.ToBytes()));
            }

            Assert.Equal(expected, sketches[0].ToBytes());
        });

    [Fact]
    public void Below_the_range_of_the_greatest_magnitude_values_count_in_the_lowest_bucket()
    {
        double[] values = [1e-9, 1e-8, 1e3, 1e12];
        var sketch = SketchValues.Of(values);
        Assert.Equal(SketchValues.Of(values.Reverse()).ToBytes(), sketch.ToBytes());
        var lowest = sketch.Quantile(0.1, double.NegativeInfinity, double.PositiveInfinity);
        Assert.InRange(lowest, 1e12 / 1e18, 1e12 / 1e17);
        Assert.Equal(lowest, sketch.Quantile(0.34, double.NegativeInfinity, double.PositiveInfinity));
        Assert.InRange(sketch.Quantile(0.67, 1e-9, 1e12), 990, 1010);
        Assert.Equal(4, sketch.Count);
    }

    [Fact]
    public void A_merge_leaves_the_other_sketch_as_it_is() =>
        Gen.Select(SketchValues.Any, SketchValues.Any).Sample((a, b) =>
        {
            var (into, other) = (SketchValues.Of(a), SketchValues.Of(b));
            var (copy, bytes) = (into.Copy(), other.ToBytes());
            into.Merge(other);
            into.Add(1);
            Assert.Equal(bytes, other.ToBytes());
            Assert.Equal(SketchValues.Of(a).ToBytes(), copy.ToBytes());
            Assert.Equal(a.Length + b.Length + 1, into.Count);
        });

    [Fact]
    public void Merged_with_itself_it_has_each_value_twice() =>
        SketchValues.Any.Sample(values =>
        {
            var sketch = SketchValues.Of(values);
            sketch.Merge(sketch);
            Assert.Equal(SketchValues.Of([.. values, .. values]).ToBytes(), sketch.ToBytes());
        });

    [Fact]
    public void Without_values_there_is_no_quantile()
    {
        Assert.Equal(double.NaN, new QuantileSketch().Quantile(0.5, 1, 2));
        Assert.Equal(0, new QuantileSketch().Count);
    }

    [Theory]
    [InlineData(double.MaxValue)]
    [InlineData(double.MinValue)]
    [InlineData(1e-300)]
    [InlineData(-1e-300)]
    [InlineData(1)]
    [InlineData(-1)]
    public void The_largest_and_the_smallest_magnitudes_have_buckets(double value)
    {
        var quantile = SketchValues.Of(value).Quantile(0.5, double.NegativeInfinity, double.PositiveInfinity);
        Assert.InRange(quantile / value, 0.99 - 1e-12, 1.01 + 1e-12);
    }

    [Fact]
    public void Smaller_magnitudes_are_zeros() =>
        Assert.All([0.0, -0.0, double.Epsilon, -double.Epsilon, 9.9e-301], value =>
        {
            Assert.Equal(SketchValues.Of(0.0).ToBytes(), SketchValues.Of(value).ToBytes());
            Assert.Equal(0.0, SketchValues.Of(value).Quantile(0.5, double.NegativeInfinity, double.PositiveInfinity));
            Assert.Equal(value, SketchValues.Of(value).Quantile(0.5, value, value));
        });

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Values_that_are_not_finite_are_refused(double value)
    {
        var sketch = new QuantileSketch();
        Assert.Throws<ArgumentOutOfRangeException>(() => sketch.Add(value));
        Assert.Equal(0, sketch.Count);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-0.01)]
    [InlineData(1.01)]
    public void Quantiles_are_from_0_to_1(double q) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SketchValues.Of(1).Quantile(q, 1, 1));

    [Fact]
    public void The_extremes_are_the_known_ones_and_no_quantile_is_beyond_them()
    {
        var sketch = SketchValues.Of(20, 20.1, 20.2);
        Assert.Equal((20, 20.2), (sketch.Quantile(0, 20, 20.2), sketch.Quantile(1, 20, 20.2)));
        Assert.All(Quantiles, q => Assert.InRange(sketch.Quantile(q, 20, 20.2), 20, 20.2));
        Assert.InRange(sketch.Quantile(1, double.NegativeInfinity, double.PositiveInfinity), 20, 20.5);
    }

    [Fact]
    public void More_values_than_it_can_count_are_refused_and_nothing_is_added()
    {
        var sketch = SketchValues.Of(1);
        for (var doublings = 0; doublings < 52; doublings++)
        {
            sketch.Merge(sketch);
        }

        Assert.Equal(1L << 52, sketch.Count);
        Assert.Throws<OverflowException>(() => sketch.Merge(sketch));
        Assert.Equal(1L << 52, sketch.Count);
        Assert.Equal(sketch.ToBytes(), QuantileSketch.Parse(sketch.ToBytes()).ToBytes());
    }

    [Fact]
    public void An_addition_allocates_only_while_the_buckets_grow()
    {
        var values = SketchValues.InEachBucket().SelectMany(value => new[] { value, -value }).Append(0).ToArray();
        var sketch = SketchValues.Of(values);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
        {
            foreach (var value in values)
            {
                // The greater ones move the range of the buckets.
                sketch.Add(value * (i + 1));
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void AssertAccurate(double[] values, QuantileSketch sketch)
    {
        var sorted = values.Order().ToArray();
        // A magnitude below the range that a sketch keeps has the error of the lowest bucket.
        var largest = sorted.Max(Math.Abs);
        Assert.Equal(sorted.Length, sketch.Count);
        foreach (var q in Quantiles)
        {
            var exact = sorted[(int)(q * (sorted.Length - 1))];
            var tolerance = (Math.Abs(exact) * (QuantileSketch.RelativeError + 1e-12)) + (largest / 5e17);
            Assert.Equal(exact, sketch.Quantile(q, double.NegativeInfinity, double.PositiveInfinity), tolerance);
            Assert.Equal(exact, sketch.Quantile(q, sorted[0], sorted[^1]), tolerance);
        }
    }

    private static double[] Values(string series, int size)
    {
        var random = new Random(size);
        return [.. Enumerable.Range(0, size).Select<int, double>(i => series switch
        {
            "constant" => 42,
            "linear up" => i,
            "linear down" => size - i,
            "zoom in" => i % 2 == 0 ? i / 2 : size - 1 - (i / 2),
            "zoom out" => (size / 2) + (i % 2 == 0 ? i / 2 : -1 - (i / 2)),
            "sequential" => i + 1,
            "negative" => -i,
            "negative and positive" => i - (size / 2),
            "normal" => Normal(random, 37.4, 1),
            "lognormal" => Math.Exp(Normal(random, 0, 2) / 100),
            "exponential" => -Math.Log(1 - random.NextDouble()) / 0.00995,
            "bimodal" => random.Next(2) == 0 ? Normal(random, 17.3, 1) : Normal(random, -2.0, 3),
            "mixed" => random.Next(10) == 0 ? 10 * random.NextDouble() : Normal(random, 0.0, 0.25),
            "trimodal" => random.Next(3) switch
            {
                0 => Normal(random, 5, 1),
                1 => Normal(random, -5, 1),
                _ => -Math.Log(1 - random.NextDouble()) / 0.01,
            },
            "integers" => Math.Truncate(Normal(random, 4, 2)),
            _ => throw new ArgumentOutOfRangeException(nameof(series)),
        })];
    }

    /// <remarks>G. E. P. Box, M. E. Muller (1958).</remarks>
    private static double Normal(Random random, double mean, double deviation) =>
        mean + (deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
