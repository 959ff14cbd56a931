using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>Queries, checkpoints and the view of a window store.</summary>
public abstract partial class WindowStoreTests
{
    [Fact]
    public async Task Windows_are_pooled_to_longer_ones_as_if_their_readings_had_been_counted_together()
    {
        const long Hour = 4 * Quarter;
        var hour = Start - (Start % Hour);
        RunningStatistics[] quarters = [new(3, 21.5, 0.125, 21.25, 21.75), new(900, -4, 81.2, -9, 0.5), new(1, 30, 0, 30, 30)];
        WindowRow[] rows =
        [
            Row(start: hour, statistics: quarters[0], isFinal: true),
            Row(start: hour + Quarter, statistics: quarters[1], revision: 2, isFinal: true),
            Row(start: hour + (3 * Quarter), statistics: quarters[2], isFinal: true),
            Row(start: hour + Hour, statistics: quarters[1]),
            Row(start: hour, metric: "humidity", statistics: quarters[1], isFinal: true),

            // These windows are outside of the query.
            Row(sensor: 8, start: hour), Row(start: hour, length: Hour), Row(start: hour - Quarter), Row(start: hour + (2 * Hour)),
        ];
        await Store.WriteAsync(rows.Writes(), Stop);

        var pooled = await Store.PoolAsync(new(7, hour, hour + (2 * Hour), Period.FromSeconds(900), Period.FromSeconds(3600)), Stop);

        Assert.Equal(
            [(hour, "humidity", 0, true), (hour, "temperature", 2, true), (hour + Hour, "temperature", 0, false)],
            pooled.Select(window => (window.Start, window.Measurement, window.Revision, window.IsFinal)));
        var (expected, found) = (quarters.Aggregate((all, quarter) => all.Merge(quarter)), pooled[1].Statistics);
        Assert.Equal((expected.Count, expected.Min, expected.Max), (found.Count, found.Min, found.Max));
        Assert.Equal(expected.Mean, found.Mean, 1e-9);
        Assert.Equal(expected.M2, found.M2, 1e-6);
        Assert.Equal(quarters[1], pooled[2].Statistics);
        Assert.Empty(await Store.PoolAsync(new(9, hour, hour + Hour, Period.FromSeconds(900), Period.FromSeconds(3600)), Stop));
    }

    [Fact]
    public async Task A_checkpoint_replaces_only_those_that_it_names()
    {
        Assert.Null(await Store.ReadCheckpointAsync(Source, Stop));
        var life = await Store.ReadLifeAsync(Stop);
        Assert.NotEqual(Guid.Empty, life);
        var first = new Checkpoint(Source, 100, Start, Start - Quarter) { Token = 1, Life = life, JudgedFrom = Start + 1 };
        Assert.False(await Store.WriteCheckpointAsync(first with { Replaces = [8] }, Stop));
        Assert.False(await Store.WriteCheckpointAsync(first with { Life = Guid.NewGuid() }, Stop));
        Assert.Null(await Store.ReadCheckpointAsync(Source, Stop));
        Assert.True(await Store.WriteCheckpointAsync(first, Stop));
        await AssertStoredAsync(first);
        Assert.False(await Store.WriteCheckpointAsync(first with { Token = 2 }, Stop));
        Assert.False(await Store.WriteCheckpointAsync(first with { NextOffset = 101, Token = 2, Replaces = [3] }, Stop));
        Assert.False(await Store.WriteCheckpointAsync(first with { Token = 2, Replaces = [1], Life = Guid.NewGuid() }, Stop));
        await AssertStoredAsync(first);
        var closed = first with { OpenFrom = long.MaxValue, Token = long.MinValue, Replaces = [3, 1] };
        Assert.True(await Store.WriteCheckpointAsync(closed, Stop));
        await AssertStoredAsync(closed);
        var lower = new Checkpoint(Source, 50, EpochTime.Min, EpochTime.Min)
        {
            Epochs = LeaderEpochs.None.Begin(0, 0).Truncate(50, LeaderEpochs.Undecided),
            Token = 4,
            Life = life,
            Replaces = [long.MinValue],
        };
        Assert.True(await Store.WriteCheckpointAsync(lower, Stop));
        await AssertStoredAsync(lower);
        var huge = lower with { NextOffset = long.MaxValue, Token = 5, Replaces = [4] };
        Assert.True(await Store.WriteCheckpointAsync(huge, Stop));
        await AssertStoredAsync(huge);
        Assert.Null(await Store.ReadCheckpointAsync(Source with { Partition = 4 }, Stop));

        async Task AssertStoredAsync(Checkpoint expected)
        {
            var stored = await Store.ReadCheckpointAsync(Source, Stop);
            Assert.Equal(expected.Epochs?.ToString(), stored?.Epochs?.ToString());
            Assert.Equal(expected with { Epochs = null, Replaces = [] }, stored! with { Epochs = null, Replaces = [] });
        }
    }

    [Fact]
    public async Task Open_windows_are_searched_from_the_checkpoints_on()
    {
        var other = new SourceId(Guid.NewGuid(), 0);
        await Store.WriteAsync(
            [
                Row(1, start: Start - (10 * Quarter)).Write(),
                Row(2, start: Start, marks: Marks.Empty.Raise(Source, 7).Raise(other, 1)).Write(),
                Row(3, start: Start, isFinal: true).Write(),
                Row(4, start: Start, length: Quarter / 15).Write(),
            ],
            Stop);

        var life = await Store.ReadLifeAsync(Stop);
        Assert.Equal([1, 2, 4], await OpenSensorsAsync());
        var open = (await Store.ReadOpenAsync(Stop)).Single(window => window.Window.SensorId == 2);
        Assert.Equal(Marks.Empty.Raise(Source, 7).Raise(other, 1), open.Marks);

        await Store.WriteCheckpointAsync(new(other, 5, Start, Start) { Life = life }, Stop);
        Assert.Equal([2, 4], await OpenSensorsAsync());
        await Store.WriteCheckpointAsync(new(Source, 5, Start, long.MaxValue) { Life = life }, Stop);
        Assert.Equal([2, 4], await OpenSensorsAsync());
        await Store.WriteCheckpointAsync(new(other, 6, Start, Start - (20 * Quarter)) { Life = life, Replaces = [0] }, Stop);
        Assert.Equal([1, 2, 4], await OpenSensorsAsync());
        await Store.WriteCheckpointAsync(new(other, 7, Start, long.MaxValue) { Life = life, Replaces = [0] }, Stop);
        Assert.Empty(await OpenSensorsAsync());

        async Task<IEnumerable<int>> OpenSensorsAsync() =>
            (await Store.ReadOpenAsync(Stop)).Select(window => window.Window.SensorId).Order();
    }

    [Fact]
    public async Task A_query_is_filtered_and_sorted_by_sensor_measurement_and_start()
    {
        var rows = new[] { 2, 1, 10 }
            .SelectMany(sensor => new[] { "temperature", "Humidity", "humidity", "ärger" }.SelectMany(measurement =>
                new[] { 2, 0, 1 }.Select(i => Row(sensor, measurement, Start + (i * Quarter)))))
            .ToList();
        await Store.WriteAsync(rows.Writes(), Stop);
        var sorted = rows.OrderBy(row => row.Key.SensorId).ThenBy(row => row.Key.Measurement, StringComparer.Ordinal)
            .ThenBy(row => row.Key.Start).ToList();
        Assert.Equal(sorted, await Store.QueryAsync());
        Assert.Equal(
            sorted.Where(row => row.Key.SensorId != 2 && row.Key.Start == Start + Quarter),
            await Store.QueryAsync(Start + 1, Start + (2 * Quarter), [10, 1, 5], Period.Default));
        Assert.Equal(
            sorted.Where(row => row.Key.SensorId == 10), await Store.QueryAsync(Start - 1, Start + (3 * Quarter), [10], Period.Default));
        Assert.Empty(await Store.QueryAsync(Start + 1, Start + Quarter, [10], Period.Default));
        Assert.Empty(await Store.QueryAsync(Start + (9 * Quarter), Start, [10], Period.Default));
        Assert.Empty(await Store.QueryAsync(sensors: []));
    }

    [Fact]
    public async Task The_view_shows_rounded_temperatures_of_the_configured_period()
    {
        var hour = 4 * Quarter;
        await Store.WriteAsync(
            [
                Row(1, statistics: new(9, 21.126, 1, -999.99, 999.99)).Write(),
                Row(2, statistics: new(9, 999.996, 1, -1000, double.NegativeInfinity)).Write(),
                Row(3, statistics: new(9, 1e308, double.NaN, -1e308, -0.001)).Write(),
                Row(4, "humidity").Write(),
                Row(5, start: Start - (Start % hour), length: hour).Write(),
            ],
            Stop);
        // A named sensor, whose readers know no number.
        var number = new int[1];
        await Store.Names.NumbersOfAsync(["boiler"u8.ToArray()], number, Stop);
        Assert.Equal(WriteOutcome.Written, await Store.WriteAsync(Row(sensor: number[0])));
        var rows = await SelectAsync(
            """
            SELECT sensor_id, window_start, window_end, avg_temperature, min_temperature, max_temperature
            FROM sensor_temperatures ORDER BY 1
            """);
        Assert.Equal([1, 2, 3], rows.Select(row => Convert.ToInt32(row[0], null)));
        Assert.Equal(("2026-11-24 10:15:00", "2026-11-24 10:30:00"), (Text(rows[0][1]), Text(rows[0][2])));
        Assert.Equal([21.13m, -999.99m, 999.99m], Numbers(rows[0]));
        Assert.Equal([null, null, null], Numbers(rows[1]));
        Assert.Equal([null, null, 0m], Numbers(rows[2]));

        await Store.SetPeriodAsync(Period.FromSeconds(3600), Stop);
        var shown = Assert.Single(await SelectAsync("SELECT sensor_id FROM sensor_temperatures"));
        Assert.Equal(5, Convert.ToInt32(shown[0], null));

        static string Text(object? value) => value is DateTime time ? $"{time:yyyy-MM-dd HH:mm:ss}" : $"{value}";
        static IEnumerable<decimal?> Numbers(object?[] row) =>
            row[3..].Select(value => value is null ? (decimal?)null : Convert.ToDecimal(value, null));
    }
}
