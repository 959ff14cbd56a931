using GrainSensors.Core.Windows;
using GrainSensors.Storage.Sqlite;
using GrainSensors.Storage.Windows;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>The latest readings of sensors.</summary>
public abstract partial class WindowStoreTests
{
    private static readonly string[] Both = ["humidity", "temperature"];

    [Fact]
    public async Task The_latest_reading_is_read_back_with_the_window()
    {
        var window = Window(7, Start, new(Start + 9, 3, 41, 2), temperature: 21.25, humidity: double.NaN);
        await Store.WriteAsync([new(window, null)], Stop);

        var read = Assert.Single(await Store.ReadAsync([window.Id], Stop));
        Assert.Equal(window.Latest, read.Latest);
        Assert.Equal(
            [("humidity", double.NaN), ("temperature", 21.25)],
            read.Measurements.Select(measured => (measured.Measurement, measured.Last)).Order());
    }

    [Fact]
    public async Task The_values_of_steps_are_read_back_with_the_window_and_damaged_ones_are_named()
    {
        var steps = new StepValues(60) { [0] = 20.25, [59] = -4 };
        var window = Row(7).Window();
        var measured = window.Measurements[0];
        await Store.WriteAsync(
            [
                new(window with { Measurements = [measured with { Steps = steps }, new("humidity", new(1, 60, 0, 60, 60))] }, null),
                Row(8).Write(),
            ],
            Stop);

        var read = (await Store.ReadAsync([window.Id], Stop)).Single().Measurements.ToDictionary(m => m.Measurement, m => m.Steps);
        Assert.Equal(steps.ToBytes(), read["temperature"]!.ToBytes());
        Assert.Null(read["humidity"]);
        Assert.Null((await Store.ReadAsync([Row(8).Key.Window], Stop)).Single().Measurements[0].Steps);

        await SelectAsync(Store is SqliteWindowStore
            ? "UPDATE windows SET steps = substr(steps, 1, 6)"
            : "UPDATE windows SET steps = ARRAY (SELECT substr(s, 1, 6) FROM unnest(steps) AS s) WHERE steps IS NOT NULL");
        var error = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => Store.ReadAsync([window.Id], Stop));
        Assert.Contains("sensor 7 and the window that starts at 2026-11-24T10:15:00Z", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_latest_reading_of_a_sensor_is_that_of_any_window_provisional_or_final(bool latestIsFinal)
    {
        await Store.WriteAsync(
            [
                new(Window(7, Start, new(Start + 5, 0, 1, 0), 20, 50, isFinal: !latestIsFinal), null),
                new(Window(7, Start + Quarter, new(Start + Quarter + 5, 0, 2, 0), 21, isFinal: latestIsFinal), null),
                new(Window(8, Start, new(Start + 6, 1, 1, 0), 30, isFinal: true), null),
                Row(9, isFinal: true).Write(),
            ],
            Stop);

        Assert.Equal(
            [(7, new(Start + Quarter + 5, 0, 2, 0), double.NaN, 21), (8, new(Start + 6, 1, 1, 0), double.NaN, 30)], await LatestAsync());
    }

    [Fact]
    public async Task The_greatest_time_partition_offset_and_index_wins_in_any_order_of_writing()
    {
        ReadingOrder[] orders =
        [
            new(Start + 5, 3, 0, 0), new(Start + 7, 0, 9, 9), new(Start + 7, 1, 4, 0), new(Start + 7, 1, 4, 2), new(Start + 7, 1, 3, 8),
            new(Start + 6, 9, 9, 9),
        ];
        long? expected = null;
        foreach (var order in orders)
        {
            var window = Window(7, Start, order, order.Index, isFinal: true);
            Assert.Equal([WriteOutcome.Written], await Store.WriteAsync([new(window, expected)], Stop));
            expected = window.RowVersion;
        }

        Assert.Equal([(7, orders[3], double.NaN, 2)], await LatestAsync());
    }

    [Fact]
    public async Task A_refused_window_changes_no_latest_reading_and_the_others_of_its_batch_do()
    {
        await Store.WriteAsync([new(Window(7, Start, new(Start + 5, 0, 1, 0), 20, isFinal: true), null)], Stop);
        await Store.WriteAsync(
            [
                new(Window(7, Start, new(Start + 6, 0, 2, 0), 21, isFinal: true), null),
                new(Window(7, Start + Quarter, new(Start + 7, 0, 2, 0), 22, isFinal: true), 4),
                new(Window(8, Start, new(Start + 8, 0, 3, 0), 23, isFinal: true), null),
            ],
            Stop);

        Assert.Equal([(7, new(Start + 5, 0, 1, 0), double.NaN, 20), (8, new(Start + 8, 0, 3, 0), double.NaN, 23)], await LatestAsync());
    }

    [Fact]
    public async Task A_forgotten_sensor_has_no_latest_reading_until_a_later_one()
    {
        await Store.WriteAsync(
            [
                new(Window(7, Start, new(Start + 5, 0, 1, 0), 20, isFinal: true), null),
                new(Window(8, Start, new(Start + 5, 0, 1, 0), 20), null),
            ],
            Stop);
        Assert.Empty(await Store.Sensors.ForgetAsync([7, 8], Stop));
        Assert.Empty(await LatestAsync());

        var forgotten = (await Store.Sensors.ReadForgottenAsync(long.MinValue, Stop)).ToDictionary(sensor => sensor.SensorId);
        await Store.WriteAsync(
            [
                new(Window(7, Start + Quarter, new(forgotten[7].At, 0, 2, 0), 20, isFinal: true), null),
                new(Window(8, Start + Quarter, new(forgotten[8].At + 1, 0, 2, 0), 22), null),
            ],
            Stop);
        Assert.Equal([(8, new(forgotten[8].At + 1, 0, 2, 0), double.NaN, 22)], await LatestAsync());
    }

    [Fact]
    public async Task A_latest_reading_leaves_with_the_retention()
    {
        const long Day = 96 * Quarter;
        await Store.WriteAsync(
            [
                new(Window(7, Start - (3 * Day), new(Start - (3 * Day), 0, 1, 0), 20, isFinal: true), null),
                new(Window(8, Start, new(Start, 0, 1, 0), 21, isFinal: true), null),
            ],
            Stop);
        await Store.MaintainAsync(Stop);

        Assert.Equal([(8, new(Start, 0, 1, 0), double.NaN, 21)], await LatestAsync());
    }

    private async Task<List<(int SensorId, ReadingOrder Order, double Humidity, double Temperature)>> LatestAsync() =>
    [
        .. (await Store.ReadLatestAsync(Both, Stop)).OrderBy(latest => latest.SensorId)
            .Select(latest => (latest.SensorId, latest.Order, latest.Values[0], latest.Values[1])),
    ];

    private static StoredWindow Window(
        int sensor, long start, ReadingOrder latest, double temperature, double humidity = double.NaN, bool isFinal = false) => new(
        new(sensor, Period.Default, start),
        [new("temperature", new(3, 21, 1, 20, 22), temperature), new("humidity", new(2, 60, 0, 60, 60), humidity)],
        Marks.Empty.Raise(Source, 41),
        Random.Shared.NextInt64(),
        0,
        isFinal)
        {
            Latest = latest,
        };
}
