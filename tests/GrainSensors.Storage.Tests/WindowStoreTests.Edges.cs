using System.Globalization;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>The first and the last values of windows.</summary>
public abstract partial class WindowStoreTests
{
    private static readonly EdgeValues[] TwoEdges = [new(Start + 1, 40.5, Start + 9, 41), new(Start, 20, Start + Quarter - 1, -25)];

    [Fact]
    public async Task A_window_is_read_with_its_first_and_last_values()
    {
        var window = Edged(1, TwoEdges[0], TwoEdges[1]);
        window = window with { Measurements = [.. window.Measurements, new("wind", new(1, 3, 0, 3, 3))] };
        await Store.WriteAsync([new(window, null)], Stop);
        Assert.Equal([TwoEdges[0], TwoEdges[1], null], await EdgesAsync());
        Assert.Equal([TwoEdges[0], TwoEdges[1], null], await QueriedEdgesAsync());
        Assert.Equal(
            [
                $"humidity 81 40.5 {Start + 1} 41 {Start + 9}", $"temperature 81 20 {Start} -25 {Start + Quarter - 1}", "wind 3    ",
            ],
            await ViewAsync("sensor_windows"));
        Assert.All(await Store.QueryAsync(), row => Assert.Null(row.Edges));
    }

    [Fact]
    public async Task A_write_has_its_own_first_and_last_values()
    {
        await Store.WriteAsync([new(Edged(1, TwoEdges[0], TwoEdges[0]), null)], Stop);
        Assert.Equal([TwoEdges[0], TwoEdges[0]], await EdgesAsync());

        await Store.WriteAsync([new(Edged(2, TwoEdges[0], TwoEdges[1]), 1)], Stop);
        Assert.Equal([TwoEdges[0], TwoEdges[1]], await EdgesAsync());

        await Store.WriteAsync([new(Edged(3, null, TwoEdges[1]), 2)], Stop);
        Assert.Equal([null, TwoEdges[1]], await EdgesAsync());

        await Store.WriteAsync([new(Edged(4, null, null), 3)], Stop);
        Assert.Equal([null, null], await EdgesAsync());
        Assert.Equal(["humidity 81    ", "temperature 81    "], await ViewAsync("sensor_windows"));
    }

    [Fact]
    public async Task The_first_and_last_values_of_a_row_that_an_older_program_wrote_are_unknown()
    {
        await Store.WriteAsync([new(Edged(1, TwoEdges[0], TwoEdges[1]), null)], Stop);
        await SelectAsync("UPDATE windows SET token = 2");
        Assert.Equal([null, null], await EdgesAsync());
        Assert.Equal([null, null], await QueriedEdgesAsync());

        await Store.WriteAsync([new(Edged(3, TwoEdges[0], TwoEdges[1]), 2)], Stop);
        Assert.Equal([TwoEdges[0], TwoEdges[1]], await EdgesAsync());
    }

    [Fact]
    public async Task Windows_of_one_batch_have_their_own_first_and_last_values()
    {
        var writes = Enumerable.Range(0, 5).Select(i => new WindowWrite(
            Edged(1, i == 1 ? null : TwoEdges[0], i < 3 ? TwoEdges[i % 2] : null) with { Id = new(i, Period.Default, Start) }, null));
        await Store.WriteAsync([.. writes], Stop);
        Assert.Equal(
            [TwoEdges[0], TwoEdges[0], null, TwoEdges[1], TwoEdges[0], TwoEdges[0], TwoEdges[0], null, TwoEdges[0], null],
            (await Task.WhenAll(Enumerable.Range(0, 5).Select(EdgesAsync))).SelectMany(edges => edges));
    }

    private static StoredWindow Edged(long token, EdgeValues? humidity, EdgeValues? temperature) => Row(token: token).Window() with
    {
        Measurements =
        [
            new("humidity", new(3, 27, 2, 20, 41), Edges: humidity), new("temperature", new(3, 27, 2, -25, 20), Edges: temperature),
        ],
    };

    private Task<List<EdgeValues?>> EdgesAsync() => EdgesAsync(7);

    private async Task<List<EdgeValues?>> EdgesAsync(int sensor)
    {
        var window = Assert.Single(await Store.ReadAsync([new(sensor, Period.Default, Start)], Stop));
        return [.. window.Measurements.OrderBy(measured => measured.Measurement).Select(measured => measured.Edges)];
    }

    private async Task<List<EdgeValues?>> QueriedEdgesAsync()
    {
        var edges = new List<EdgeValues?>();
        await foreach (var row in Store.QueryAsync(new(long.MinValue, long.MaxValue - 1, WithDetails: true), Stop))
        {
            edges.Add(row.Edges);
        }

        return edges;
    }

    private async Task<IEnumerable<string>> ViewAsync(string view)
    {
        var rows = await SelectAsync($"SELECT metric, sum, first, first_at, last, last_at FROM {view} ORDER BY metric");
        return rows.Select(row => string.Join(' ', row.Select(value => value is DateTime time
            ? $"{(time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond}"
            : Convert.ToString(value, CultureInfo.InvariantCulture))));
    }
}
