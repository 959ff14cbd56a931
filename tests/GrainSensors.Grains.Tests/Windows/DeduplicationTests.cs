using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Tests.Windows;

/// <summary>One value counts for each step.</summary>
public sealed class DeduplicationTests
{
    private const long Second = 1_000_000;
    private static readonly Period Minute = Period.FromSeconds(60);
    private static readonly SourceId Source = new(Guid.NewGuid(), 0);
    private static readonly Deduplication Steps = new(Minute, TimeSpan.FromSeconds(1), 2);

    private long _offset;

    [Fact]
    public void Of_values_of_one_step_the_smallest_counts_whatever_the_order()
    {
        foreach (var values in new double[][] { [21, 20, 22], [20, 21, 22], [22, 21, 20] })
        {
            var windows = New(Steps);
            Add(windows, (5 * Second, 30, double.NaN));
            Array.ForEach(values, value => Add(windows, (6 * Second, value, double.NaN), ((6 * Second) + 999_999, value + 1, 60)));
            Assert.Equal(new(2, 25, 50, 20, 30), Statistics(windows, "temperature"));
            Assert.Equal(new(1, 60, 0, 60, 60), Statistics(windows, "humidity"));
        }
    }

    [Fact]
    public void A_window_that_is_loaded_deduplicates_as_it_did_when_it_was_written()
    {
        var before = New(Steps);
        Add(before, (6 * Second, 21, double.NaN));
        var withSteps = Row(before);

        var after = New(null);
        after.Load([0], [withSteps]);
        Add(after, (6 * Second, 21, double.NaN), (7 * Second, 22, 60), (7 * Second, 23, 61));
        Assert.Equal((2, 2), (Statistics(after, "temperature").Count, Statistics(after, "humidity").Count));

        var plain = New(null);
        Add(plain, (6 * Second, 21, double.NaN));
        after = New(Steps);
        after.Load([0], [Row(plain)]);
        Add(after, (6 * Second, 21, double.NaN), (7 * Second, 22, 60), (7 * Second, 23, 61));
        Assert.Equal((4, 1), (Statistics(after, "temperature").Count, Statistics(after, "humidity").Count));
    }

    [Fact]
    public void A_smaller_value_in_a_closed_window_is_a_revision_and_a_duplicate_is_none()
    {
        var windows = New(Steps);
        Add(windows, (6 * Second, 21, double.NaN), (7 * Second, 21, double.NaN));
        windows.WindowsOf([0])[0].MakeFinal();
        Store(windows);

        Add(windows, (6 * Second, 21, double.NaN));
        var row = Row(windows);
        Assert.Equal((0, _offset - 1), (row.Revision, row.Marks[Source]));
        Store(windows);

        Add(windows, (6 * Second, 20, double.NaN));
        Assert.Equal((1, true), (Row(windows).Revision, Row(windows).IsDue));
    }

    private static SensorWindows New(Deduplication? deduplication) =>
        new(7, Minute, new(MeasurementSet.Default), ExactnessRules.Default, deduplication);

    private static StoredWindow Row(SensorWindows windows) => Assert.Single(windows.SnapshotDirtyRows(() => 1)).Write.Window;

    private static RunningStatistics Statistics(SensorWindows windows, string measurement) =>
        Row(windows).Measurements.Single(measured => measured.Measurement == measurement).Statistics;

    /// <summary>Stores the row, and loads it again after its release.</summary>
    private static void Store(SensorWindows windows)
    {
        var writes = windows.SnapshotDirtyRows(() => 1);
        var stored = writes.Single().Write.Window with { IsDue = false };
        windows.Settle(writes, [WriteOutcome.Written]);
        windows.Load([0], [stored]);
    }

    private void Add(SensorWindows windows, params (long At, double Temperature, double Humidity)[] values)
    {
        var readings = ReadingBatch.Of(Array.ConvertAll(values, value =>
        {
            var measured = MeasurementValues.None;
            (measured[0], measured[1]) = (value.Temperature, value.Humidity);
            return new Reading { SensorId = 7, Offset = _offset++, Timestamp = value.At, Values = measured };
        }));
        if (windows.MissingFor(readings.Readings) is { } missing)
        {
            windows.Load(missing, []);
        }

        Assert.True(windows.TryAdd(Source, new(readings, 0, readings.Count), Marks.None, default, out var status));
        Assert.Equal(AddStatus.Applied, status);
    }
}
