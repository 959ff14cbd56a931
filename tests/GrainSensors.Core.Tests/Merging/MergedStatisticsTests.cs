using GrainSensors.Core.Merging;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Tests.Merging;

public sealed class MergedStatisticsTests
{
    private static readonly Period Pane = Period.Parse("PT1M");

    [Fact]
    public void Panes_in_any_order_merge_to_the_same_statistics_of_all_readings()
    {
        var random = new Random(19);
        for (var n = 0; n < 100; n++)
        {
            var readings = Enumerable.Range(0, random.Next(1, 200))
                .Select(offset => (
                    Order: new ReadingOrder(random.Next(12 * 60), 0, offset, 0),
                    Temperature: (random.NextDouble() * 80) - 20,
                    Humidity: random.Next(3) == 0 ? random.NextDouble() * 100 : double.NaN))
                .ToList();
            var panes = readings.GroupBy(reading => (int)reading.Order.Timestamp / 60)
                .Select(pane => PaneOf(pane.Key, [.. pane])).ToArray();
            var merged = MergedStatistics.Of(panes.Select(WindowPane.Of));
            AssertStatistics(readings.Select(reading => reading.Temperature), merged, "temperature");
            AssertStatistics(readings.Select(reading => reading.Humidity).Where(value => !double.IsNaN(value)), merged, "humidity");
            var latest = readings.MaxBy(reading => (reading.Order.Timestamp, reading.Order.Offset));
            Assert.Equal(latest.Order, merged.Latest);
            var temperature = merged.Measurements.Single(m => m.Measurement == "temperature");
            Assert.Equal(latest.Temperature, temperature.Last);
            Assert.Equal(EdgesOf(readings.Select(reading => (reading.Order.Timestamp, reading.Temperature))), temperature.Edges);
            for (var order = 0; order < 100; order++)
            {
                random.Shuffle(panes);
                var again = MergedStatistics.Of(panes.Select(WindowPane.Of));
                Assert.Equal(merged.Measurements, again.Measurements);
                Assert.Equal(merged.Latest, again.Latest);
            }
        }
    }

    [Fact]
    public void Panes_without_values_and_without_a_latest_reading_change_nothing()
    {
        var pane = PaneOf(1, [(new(60, 0, 1, 0), 21.5, double.NaN)]);
        var empty = pane with { Id = pane.Id with { Start = 0 }, Latest = null, Measurements = [new("humidity", default)] };
        var merged = MergedStatistics.Of([WindowPane.Of(pane), WindowPane.Of(empty)]);
        Assert.Equal(pane.Measurements, merged.Measurements);
        Assert.Equal(pane.Latest, merged.Latest);
        Assert.Empty(MergedStatistics.Of([]).Measurements);
    }

    [Fact]
    public void The_first_and_the_last_value_are_unknown_if_one_pane_does_not_know_them()
    {
        var (first, second) = (PaneOf(1, [(new(60, 0, 1, 0), 21.5, double.NaN)]), PaneOf(2, [(new(120, 0, 2, 0), 22, 50)]));
        var unknown = second with
        {
            Measurements = [.. second.Measurements.Select(measured =>
                measured.Measurement == "temperature" ? measured with { Edges = null } : measured)],
        };
        var merged = MergedStatistics.Of([WindowPane.Of(first), WindowPane.Of(unknown)]).Measurements;
        Assert.Equal([new EdgeValues(120, 50, 120, 50), null], merged.Select(measured => measured.Edges));
        var known = MergedStatistics.Of([WindowPane.Of(second), WindowPane.Of(first)]).Measurements;
        Assert.Equal(new EdgeValues(60, 21.5, 120, 22), known[1].Edges);
    }

    private static StoredWindow PaneOf(int at, IReadOnlyList<(ReadingOrder Order, double Temperature, double Humidity)> readings)
    {
        var latest = readings.MaxBy(reading => (reading.Order.Timestamp, reading.Order.Offset));
        return new(
            new(7, Pane, at * Pane.TotalMicros),
            [
                .. new (string Name, IEnumerable<(long At, double Value)> Values, double Last)[]
                {
                    ("humidity", readings.Select(reading => (reading.Order.Timestamp, reading.Humidity)), latest.Humidity),
                    ("temperature", readings.Select(reading => (reading.Order.Timestamp, reading.Temperature)), latest.Temperature),
                }.Select(m => (m.Name, Values: m.Values.Where(value => !double.IsNaN(value.Value)), m.Last))
                    .Select(m => new MeasuredStatistics(
                        m.Name, StatisticsOf(m.Values.Select(value => value.Value)), m.Last, Edges: EdgesOf(m.Values)))
                    .Where(m => m.Statistics.Count > 0),
            ],
            Marks.Empty, 1, 0, IsFinal: true)
        {
            Latest = latest.Order,
        };
    }

    private static EdgeValues? EdgesOf(IEnumerable<(long At, double Value)> values) => values.Aggregate(
        default(EdgeValues?), (edges, value) => edges?.Add(value.At, value.Value) ?? EdgeValues.Of(value.At, value.Value));

    private static RunningStatistics StatisticsOf(IEnumerable<double> values) =>
        values.Aggregate(default(RunningStatistics), (all, value) => all.Add(value));

    private static void AssertStatistics(IEnumerable<double> values, MergedStatistics merged, string measurement)
    {
        var want = StatisticsOf(values);
        var got = merged.Measurements.SingleOrDefault(m => m.Measurement == measurement).Statistics;
        Assert.Equal((want.Count, want.Min, want.Max), (got.Count, got.Min, got.Max));
        Assert.Equal(want.Mean, got.Mean, 9);
        Assert.Equal(want.PopulationStandardDeviation, got.PopulationStandardDeviation, 9);
    }
}
