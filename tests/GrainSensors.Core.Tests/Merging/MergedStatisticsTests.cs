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
            Assert.Equal(latest.Temperature, merged.Measurements.Single(m => m.Measurement == "temperature").Last);
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

    private static StoredWindow PaneOf(int at, IReadOnlyList<(ReadingOrder Order, double Temperature, double Humidity)> readings)
    {
        var latest = readings.MaxBy(reading => (reading.Order.Timestamp, reading.Order.Offset));
        return new(
            new(7, Pane, at * Pane.TotalMicros),
            [
                .. new (string Name, IEnumerable<double> Values, double Last)[]
                {
                    ("humidity", readings.Select(reading => reading.Humidity), latest.Humidity),
                    ("temperature", readings.Select(reading => reading.Temperature), latest.Temperature),
                }.Select(m => new MeasuredStatistics(m.Name, StatisticsOf(m.Values.Where(value => !double.IsNaN(value))), m.Last))
                    .Where(m => m.Statistics.Count > 0),
            ],
            Marks.Empty, 1, 0, IsFinal: true)
        {
            Latest = latest.Order,
        };
    }

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
