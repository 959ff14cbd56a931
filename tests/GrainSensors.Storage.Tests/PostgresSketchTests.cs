using System.Globalization;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>Sketches in PostgreSQL: its functions give what this program does, and its partitions come and go with the windows.</summary>
[Trait("Category", "System")]
public sealed class PostgresSketchTests(PostgresServer server) : IAsyncLifetime
{
    private const string Partitions =
        """
        SELECT c.relname::text FROM pg_partition_tree('window_sketches') AS t JOIN pg_class AS c ON c.oid = t.relid
        WHERE t.isleaf ORDER BY c.relname
        """;

    private readonly FakeTimeProvider _clock = new(Now);
    private readonly WindowStoreOptions _options = new() { Retention = TimeSpan.FromDays(2), HasSketches = true };
    private NpgsqlDataSource? _database;
    private PostgresWindowStore? _store;

    private NpgsqlDataSource Database => _database!;

    private PostgresWindowStore Store => _store!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        _store = new(_database, _options, _clock);
        await _store.PrepareAsync(Stop);
        await _store.SetPeriodAsync(Period.Default, Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await Database.DisposeAsync();
    }

    [Fact]
    public async Task The_database_reads_the_same_quantiles_from_the_bytes()
    {
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            var sketches = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Values(random)).ToList();
            var all = SketchOf(sketches.SelectMany(values => values));
            var quantile = random.Next(8) switch { 0 => 0, 1 => 1, _ => random.NextDouble() };
            var (min, max) = (sketches.Min(values => values.Min()), sketches.Max(values => values.Max()));

            await using var command = Database.CreateCommand("SELECT sketch_quantile($1, $2, $3, $4)");
            command.Parameters.Add(new() { Value = sketches.ConvertAll(values => SketchOf(values).ToBytes()).ToArray() });
            foreach (var value in new[] { quantile, min, max })
            {
                command.Parameters.Add(new() { Value = value });
            }

            var (read, want) = ((double)(await command.ExecuteScalarAsync(Stop))!, all.Quantile(quantile, min, max));
            Assert.True(
                Math.Abs(read - want) <= 1e-9 * Math.Abs(want),
                string.Create(CultureInfo.InvariantCulture, $"round {round}: {read} instead of {want} at {quantile}"));
        }
    }

    [Fact]
    public async Task The_view_merges_windows_and_leaves_out_those_without_a_whole_sketch()
    {
        await Store.WriteAsync(
            [
                new(Row(token: 1).Window().WithValues(("temperature", [20, 21, 22])), null),
                new(Row(token: 1, start: Start + Quarter).Window().WithValues(("temperature", [23])), null),
                new(Row(token: 1, start: Start + (2 * Quarter)).Window(), null),
                new(Row(sensor: 8, token: 1).Window().WithValues(("temperature", [50])), null),
            ],
            Stop);
        const string Median =
            """
            SELECT sensor_id, sum(sample_count)::int, sketch_quantile(array_agg(sketch), 0.5, min(min), max(max))
            FROM sensor_sketches WHERE metric = 'temperature' GROUP BY sensor_id ORDER BY sensor_id
            """;
        var rows = await Database.SelectAsync(Median);
        Assert.Equal([(7, 4), (8, 1)], rows.Select(row => ((int)row[0]!, (int)row[1]!)));
        Assert.Equal(SketchOf([20, 21, 22, 23]).Quantile(0.5, 20, 23), (double)rows[0][2]!, 9);
        Assert.Equal(50.0, rows[1][2]);

        // A program that knows no sketches adds a value.
        await Database.ExecuteAsync("UPDATE windows SET statistics = '{{2,50,0,50,50,50}}' WHERE sensor_id = 8");
        Assert.Single(await Database.SelectAsync(Median));
    }

    [Fact]
    public async Task Sketches_have_a_partition_for_each_month_that_is_dropped_with_its_windows()
    {
        Assert.Equal(
            [
                "window_sketches_default", "window_sketches_pt15m_202611", "window_sketches_pt15m_202612",
                "window_sketches_pt15m_default",
            ],
            (await Database.SelectAsync(Partitions)).Select(row => row[0]));
        await Store.WriteAsync([new(Row(token: 1).Window().WithValues(("temperature", [20])), null)], Stop);
        Assert.Equal("window_sketches_pt15m_202611", await PartitionAsync());

        _clock.Advance(TimeSpan.FromDays(10));
        var report = await Store.MaintainAsync(Stop);
        Assert.Contains("window_sketches_pt15m_202611", report.Dropped);
        Assert.Contains("window_sketches_pt15m_202701", (await Database.SelectAsync(Partitions)).Select(row => row[0]));
        Assert.Empty(await Database.SelectAsync("SELECT FROM window_sketches"));
    }

    [Fact]
    public async Task Rows_of_a_period_that_had_no_partition_move_into_it()
    {
        var minute = Period.Parse("PT1M");
        var window = Row(token: 1).Window().WithValues(("temperature", [20])) with { Id = new(7, minute, Start) };
        await Store.WriteAsync([new(window, null)], Stop);
        Assert.Equal("window_sketches_default", await PartitionAsync());

        await Store.SetPeriodAsync(minute, Stop);
        Assert.Equal("window_sketches_pt1m_202611", await PartitionAsync());
        Assert.Equal(1, Assert.Single(await Store.ReadAsync([window.Id], Stop)).Measurements[0].Sketch!.Count);
    }

    [Fact]
    public async Task Sketches_of_windows_of_months_before_get_partitions_of_their_own()
    {
        var september = Start - (60 * 96 * Quarter);
        await Store.Backfill.PrepareSketchesAsync(Period.Default, september, september + Quarter, Stop);
        await Store.Backfill.PrepareSketchesAsync(Period.Default, september, september + Quarter, Stop);
        var window = Row(token: 1, start: september, isFinal: true).Window();
        await Store.WriteAsync([new(window, null)], Stop);
        Assert.Empty(await Database.SelectAsync("SELECT FROM window_sketches"));

        var sketched = window.WithValues(("temperature", [20, 21])) with { RowVersion = 2 };
        Assert.Equal([WriteOutcome.Refused], await Store.WriteAsync([new(sketched, 3)], Stop));
        Assert.Equal([WriteOutcome.Written], await Store.WriteAsync([new(sketched, 1)], Stop));
        Assert.Equal("window_sketches_pt15m_202609", await PartitionAsync());
    }

    [Fact]
    public async Task A_write_of_a_hot_row_with_25_measurements_logs_less_than_2_kB()
    {
        // Other tests write on the same server, so the write that is least disturbed counts.
        var least = decimal.MaxValue;
        for (var count = 1; count <= 50; count++)
        {
            var values = Enumerable.Range(0, 25).Select(i => new MeasuredStatistics(
                $"measurement_{i:00}", new(count, 20.25 + (i / (double)count), 0.5 * count, 19 - count, 22 + count), 21 + count,
                Edges: new(Start, 20 + i, Start + count, 21 + count)));
            var window = Row(token: count).Window() with { Measurements = [.. values], Latest = new(Start + count, 1, count, 0) };
            var before = await LogAsync();
            await Store.WriteAsync([new(window, count == 1 ? null : count - 1)], Stop);
            least = count == 1 ? least : Math.Min(least, await LogAsync() - before);
        }

        Assert.InRange(least, 1000, 2047);

        async Task<decimal> LogAsync() => (decimal)(await Database.SelectAsync("SELECT pg_current_wal_insert_lsn() - '0/0'"))[0][0]!;
    }

    private async Task<object?> PartitionAsync() =>
        (await Database.SelectAsync("SELECT tableoid::regclass::text FROM window_sketches"))[0][0];

    private static double[] Values(Random random)
    {
        var (kind, count) = (random.Next(4), random.Next(1, 60));
        return [.. Enumerable.Range(0, count).Select(_ => kind switch
        {
            0 => 20 + random.NextDouble(),
            1 => random.Next(-5, 6),
            2 => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-200, 200)),
            _ => Math.Pow(10, random.NextDouble() * 20),
        })];
    }
}
