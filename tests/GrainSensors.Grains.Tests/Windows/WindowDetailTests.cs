using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Tests.Windows;

/// <summary>A window keeps a sketch of the measurements that have one, and the first and last value of each.</summary>
public sealed class WindowDetailTests
{
    private static readonly Period Minute = Period.FromSeconds(60);
    private static readonly SourceId Source = new(Guid.NewGuid(), 0);
    private static readonly MeasurementCatalog Sketched = new(new(
        MeasurementSet.Default.All.Select(measurement => measurement with { HasSketch = measurement.Name == "temperature" })));

    private SensorWindows _windows = Open(Sketched);
    private long _offset;

    [Fact]
    public void Only_measurements_that_ask_for_one_have_a_sketch()
    {
        Add((1, 20, 50), (2, 21, 51));
        Assert.Equal((2, null), (Write().Temperature?.Count, Write().Humidity?.Count));
    }

    [Fact]
    public void A_sketch_is_written_when_values_came_and_not_with_a_change_of_the_state()
    {
        Add((1, 20, 50));
        Settle();
        _windows.WindowsOf([0])[0].MakeFinal();
        Assert.Null(Write().Temperature);

        Add((2, 21, 51));
        Assert.Equal(2, Write().Temperature?.Count);
    }

    [Fact]
    public void A_sketch_goes_on_after_a_restart_also_where_it_is_not_asked_for_any_more()
    {
        Add((1, 20, 50), (2, 21, 51));
        var stored = _windows.SnapshotDirtyRows(() => 1)[0].Write.Window;
        foreach (var catalog in new[] { Sketched, new(MeasurementSet.Default) })
        {
            _windows = Open(catalog);
            _windows.Load([0], [stored]);
            Add((3, 22, 52));
            var sketch = Write().Temperature;
            Assert.Equal(3, sketch?.Count);
            Assert.Equal(22, sketch!.Quantile(1, 20, 22));
        }

        Assert.Equal(2, stored.Measurements.Single(measured => measured.Measurement == "temperature").Sketch!.Count);
    }

    [Fact]
    public void A_window_whose_first_values_have_no_sketch_gets_none()
    {
        _windows = Open(new(MeasurementSet.Default));
        Add((1, 20, 50));
        var stored = _windows.SnapshotDirtyRows(() => 1)[0].Write.Window;
        _windows = Open(Sketched);
        _windows.Load([0], [stored]);
        Add((2, 21, 51));
        Assert.Null(Write().Temperature);
    }

    [Fact]
    public void Of_duplicates_the_value_that_counts_is_in_the_sketch()
    {
        _windows = Open(Sketched, new(Minute, TimeSpan.FromSeconds(1), 2));
        Add((1_000_000, 20, 50), (1_000_000, 18, 50), (1_500_000, 19, 50), (2_000_000, 30, 50));
        var sketch = Write().Temperature!;
        Assert.Equal(2, sketch.Count);
        Assert.InRange(sketch.Quantile(0, double.NegativeInfinity, 30), 17.8, 18.2);
        Assert.InRange(sketch.Quantile(1, 18, double.PositiveInfinity), 29.7, 30.3);
    }

    [Fact]
    public void The_first_and_the_last_value_are_those_by_time_and_not_by_arrival()
    {
        Add((5, 20, 50), (9, 22, double.NaN), (2, 21, 51), (2, 19, double.NaN), (7, 30, 52));
        Assert.Equal((new EdgeValues(2, 19, 9, 22), new EdgeValues(2, 51, 7, 52)), Edges());
    }

    [Fact]
    public void Of_duplicates_the_value_that_counts_is_the_first_at_the_start_of_its_step()
    {
        _windows = Open(Sketched, new(Minute, TimeSpan.FromSeconds(1), 2));
        Add((1_200_000, 20, 50), (1_900_000, 18, 50), (3_000_000, 30, 50), (3_500_000, 25, 50));
        Assert.Equal((new EdgeValues(1_000_000, 18, 3_000_000, 25), new EdgeValues(1_000_000, 50, 3_000_000, 50)), Edges());
    }

    [Fact]
    public void The_first_and_the_last_value_go_on_after_a_restart_and_stay_unknown_if_they_were()
    {
        Add((3, 20, 50), (4, 21, 51));
        var stored = _windows.SnapshotDirtyRows(() => 1)[0].Write.Window;
        _windows = Open(Sketched);
        _windows.Load([0], [stored with { Measurements = [stored.Measurements[0] with { Edges = null }, stored.Measurements[1]] }]);
        Add((1, 22, 52));
        Assert.Equal((null, new EdgeValues(1, 52, 4, 51)), Edges());
    }

    private static SensorWindows Open(MeasurementCatalog catalog, Deduplication? deduplication = null) =>
        new(7, Minute, catalog, ExactnessRules.Default, deduplication);

    private void Add(params (long At, double Temperature, double Humidity)[] values)
    {
        var batch = ReadingBatch.Of(Array.ConvertAll(values, value =>
        {
            var measured = MeasurementValues.None;
            (measured[0], measured[1]) = (value.Temperature, value.Humidity);
            return new Reading { SensorId = 7, Offset = ++_offset, Timestamp = value.At, Values = measured };
        }));
        if (_windows.MissingFor(batch.Readings) is { } missing)
        {
            _windows.Load(missing, []);
        }

        Assert.True(_windows.TryAdd(Source, new(batch, 0, batch.Count), Marks.None, default, out var status));
        Assert.Equal(AddStatus.Applied, status);
    }

    private void Settle()
    {
        var writes = _windows.SnapshotDirtyRows(() => 1);
        Assert.True(_windows.Settle(writes, [.. writes.Select(_ => WriteOutcome.Written)]));
    }

    private (QuantileSketch? Temperature, QuantileSketch? Humidity) Write() =>
        (Measured("temperature").Sketch, Measured("humidity").Sketch);

    private (EdgeValues? Temperature, EdgeValues? Humidity) Edges() => (Measured("temperature").Edges, Measured("humidity").Edges);

    private MeasuredStatistics Measured(string name) =>
        Assert.Single(_windows.SnapshotDirtyRows(() => 2)).Write.Window.Measurements.Single(one => one.Measurement == name);
}
