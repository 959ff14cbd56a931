using CsCheck;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Tests.Statistics;

public sealed class EdgeValuesTests
{
    /// <summary>Times repeat, so that several values have the first or the last one.</summary>
    private static readonly Gen<(long At, double Value)[]> Values =
        Gen.Select(Gen.Long[0, 8], Gen.Double[-50, 50]).Array[1, 20];

    [Fact]
    public void They_are_the_first_and_the_last_value_by_time() => Values.Sample(values =>
    {
        var (first, last) = (values.Min(), values.Max());
        Assert.Equal(new(first.At, first.Value, last.At, last.Value), Over(values));
    });

    [Fact]
    public void In_any_order_and_any_split_they_are_the_same() =>
        Gen.Select(Values, Gen.Int[0, 20], Gen.Int).Sample((values, split, seed) =>
        {
            var all = Over(values);
            new Random(seed).Shuffle(values);
            Assert.Equal(all, Over(values));
            if (split > 0 && split < values.Length)
            {
                var (some, others) = (Over(values[..split]), Over(values[split..]));
                Assert.Equal(all, some.Merge(others));
                Assert.Equal(all, others.Merge(some));
            }
        });

    [Fact]
    public void Of_steps_they_are_at_the_starts_of_the_first_and_the_last_one_with_a_value()
    {
        var steps = new StepValues(60);
        Assert.Null(steps.Edges(1000, 10));
        (steps[3], steps[7], steps[59]) = (20, 21, 22);
        Assert.Equal(new EdgeValues(1030, 20, 1590, 22), steps.Edges(1000, 10));
    }

    private static EdgeValues Over((long At, double Value)[] values) => values.Skip(1).Aggregate(
        EdgeValues.Of(values[0].At, values[0].Value), (edges, value) => edges.Add(value.At, value.Value));
}
