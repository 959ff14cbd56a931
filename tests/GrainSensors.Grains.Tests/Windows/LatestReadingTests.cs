using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Windows;

namespace GrainSensors.Grains.Tests.Windows;

/// <summary>A window knows its latest reading.</summary>
public sealed class LatestReadingTests
{
    private static readonly Period Minute = Period.FromSeconds(60);
    private static readonly Guid Topic = Guid.NewGuid();

    private readonly SensorWindows _windows = new(7, Minute, new(MeasurementSet.Default), ExactnessRules.Default);

    [Fact]
    public void Of_equal_times_the_greatest_partition_offset_and_index_is_the_latest()
    {
        Add(1, Of(offset: 4, at: 30, 20), Of(4, 30, 21), Of(4, 10, 22), Of(5, 20, 23));
        Assert.Equal((new(30, 1, 4, 1), 21, double.NaN), Latest());

        Add(0, Of(offset: 9, at: 30, 24));
        Assert.Equal((new(30, 1, 4, 1), 21, double.NaN), Latest());

        Add(2, Of(offset: 0, at: 30, double.NaN, humidity: 60));
        Assert.Equal((new(30, 2, 0, 0), double.NaN, 60), Latest());
    }

    [Fact]
    public void A_reading_without_values_and_one_that_the_row_contains_change_nothing()
    {
        Add(0, Of(offset: 4, at: 30, 20));
        Add(0, Of(offset: 4, at: 31, 21));
        Add(0, Of(offset: 5, at: 32, double.NaN));
        Assert.Equal((new(30, 0, 4, 0), 20, double.NaN), Latest());
    }

    [Fact]
    public void The_values_of_a_measurement_that_was_removed_leave_with_a_later_reading()
    {
        var id = new WindowId(7, Minute, 0);
        var stored = new StoredWindow(id, [new("pressure", new(1, 9, 0, 9, 9), 9)], Marks.Empty, 1, 0, false) { Latest = new(10, 0, 1, 0) };
        _windows.Load([0], [stored]);
        Add(0, Of(offset: 2, at: 5, 20));
        Assert.Equal((new(10, 0, 1, 0), double.NaN, double.NaN), Latest());
        Assert.Equal(9, Last("pressure"));

        Add(0, Of(offset: 3, at: 11, 21));
        Assert.Equal((new(11, 0, 3, 0), 21, double.NaN), Latest());
        Assert.Equal(double.NaN, Last("pressure"));
    }

    private static Reading Of(long offset, long at, double temperature, double humidity = double.NaN)
    {
        var values = MeasurementValues.None;
        (values[0], values[1]) = (temperature, humidity);
        return new() { SensorId = 7, Offset = offset, Timestamp = at, Values = values };
    }

    private void Add(int partition, params Reading[] readings)
    {
        var batch = ReadingBatch.Of(readings);
        if (_windows.MissingFor(batch.Readings) is { } missing)
        {
            _windows.Load(missing, []);
        }

        Assert.True(_windows.TryAdd(new(Topic, partition), new(batch, 0, batch.Count), Marks.None, default, out var status));
        Assert.Equal(AddStatus.Applied, status);
    }

    private (ReadingOrder? Order, double Temperature, double Humidity) Latest() => (Row().Latest, Last("temperature"), Last("humidity"));

    private double Last(string measurement) => Row().Measurements.Where(m => m.Measurement == measurement)
        .Select(m => m.Last).DefaultIfEmpty(double.NaN).Single();

    private StoredWindow Row() => Assert.Single(_windows.SnapshotDirtyRows(() => 1)).Write.Window;
}
