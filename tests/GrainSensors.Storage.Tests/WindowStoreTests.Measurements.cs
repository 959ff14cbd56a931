using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>The names of discovered measurements.</summary>
public abstract partial class WindowStoreTests
{
    [Fact]
    public async Task A_window_has_any_number_of_measurements()
    {
        var window = Window(7, Start, new(Start + 9, 3, 41, 2), temperature: 20, isFinal: true) with
        {
            Measurements =
            [
                .. Enumerable.Range(0, 60).Select(i => new MeasuredStatistics($"m{i:00}", new(3, i, 1, i - 1, i + 1), i + 0.5)),
            ],
        };
        await Store.WriteAsync([new(window, null)], Stop);

        var read = Assert.Single(await Store.ReadAsync([window.Id], Stop));
        Assert.Equal(window.Measurements, read.Measurements.OrderBy(measured => measured.Measurement));
        var latest = Assert.Single(await Store.ReadLatestAsync(["m59", "m00", "m08", "x"], Stop));
        Assert.Equal([59.5, 0.5, 8.5, double.NaN], latest.Values);
        Assert.Equal(
            Enumerable.Range(0, 60).Except([0, 8, 59]).Select(i => new NamedValue($"m{i:00}", i + 0.5)),
            latest.Others.OrderBy(value => value.Name, StringComparer.Ordinal));
        Assert.Equal(60, (await Store.QueryAsync()).Count(row => row.Statistics.Count == 3));
    }

    [Fact]
    public async Task Names_of_measurements_are_kept_once()
    {
        await Store.MeasurementNames.AddAsync(["pressure", "co2"], 10, Stop);
        await Store.MeasurementNames.AddAsync(["co2", "Küche \"1\"", "pressure"], 10, Stop);

        var stored = await Store.MeasurementNames.ReadAsync(Stop);
        Assert.Equal(["Küche \"1\"", "co2", "pressure"], stored.Select(measurement => measurement.Name).Order(StringComparer.Ordinal));
        Assert.All(stored, measurement => Assert.True(measurement.AddedAt > 0));
    }

    [Fact]
    public async Task Writers_of_names_of_measurements_keep_to_the_limit_together()
    {
        await Task.WhenAll(Enumerable.Range(0, 10).Select(writer => Store.MeasurementNames.AddAsync(
            [.. Enumerable.Range(0, 8).Select(i => $"m{(writer * 3) + i}")], 20, Stop)));
        Assert.Equal(20, (await Store.MeasurementNames.ReadAsync(Stop)).Count);

        // What is there already needs no room.
        await Store.MeasurementNames.AddAsync([(await Store.MeasurementNames.ReadAsync(Stop))[0].Name, "more"], 20, Stop);
        Assert.Equal(20, (await Store.MeasurementNames.ReadAsync(Stop)).Count);
    }
}
