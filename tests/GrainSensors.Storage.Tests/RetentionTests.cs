using GrainSensors.Core.Windows;
using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Sqlite;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>Windows older than the retention are removed, and newer ones stay in every partition.</summary>
[Trait("Category", "System")]
public sealed class RetentionTests(PostgresServer server) : IDisposable
{
    private const long Day = 96 * Quarter;
    private readonly FakeTimeProvider _clock = new(Now);
    private readonly WindowStoreOptions _options = new() { Retention = TimeSpan.FromDays(10) };
    private readonly string _directory = Directory.CreateTempSubdirectory("grainsensors-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task PostgreSQL_drops_whole_days_and_keeps_long_windows_that_reach_into_the_retention()
    {
        await using var store = await OpenPostgresAsync();
        await FillAsync(store);
        _clock.Advance(TimeSpan.FromDays(9.001));
        var report = await store.MaintainAsync(Stop);

        // The cutoff is 24 November in the morning, 10 days before 4 December. The partition of that day stays until all of it is older.
        Assert.Equal(["1203", "1204", "1205", "1206", "1207"], report.Created.Select(name => name[^4..]));
        // The partitions created by the preparation, from 23 November on, and those created by the first window of a day.
        // The long window of sensor 3 keeps its day of its own period only. Sensor 5 is in the default partition.
        Assert.Equal(["1119", "1122", "1123"], report.Dropped.Select(name => name[^4..]));
        Assert.Equal(1, report.DeletedRows);
        await AssertRemainsAsync(store);
        Assert.Equal(1, report.DeletedCheckpoints);

        var again = await store.MaintainAsync(Stop);
        Assert.Equal((0, 0, 0L, 0L), (again.Created.Count, again.Dropped.Count, again.DeletedRows, again.DeletedCheckpoints));
    }

    [Fact]
    public async Task SQLite_deletes_row_by_row()
    {
        await using var store = new SqliteWindowStore(Path.Combine(_directory, "w.db"), _options, _clock);
        await store.PrepareAsync(Stop);
        await FillAsync(store);
        _clock.Advance(TimeSpan.FromDays(9.001));
        var report = await store.MaintainAsync(Stop);
        Assert.Equal((4L, 1L), (report.DeletedRows, report.DeletedCheckpoints));
        await AssertRemainsAsync(store);
        Assert.Equal(0, (await store.MaintainAsync(Stop)).DeletedRows);
    }

    [Fact]
    public async Task SQLite_deletes_more_rows_than_a_chunk_holds()
    {
        await using var store = new SqliteWindowStore(Path.Combine(_directory, "w.db"), _options, _clock);
        await store.PrepareAsync(Stop);
        await store.WriteAsync(
            [.. Enumerable.Range(0, 12_345).Select(i => Row(i).Write()), Row(1, start: Start + Day).Write()], Stop);
        _clock.Advance(TimeSpan.FromDays(10.5));
        Assert.Equal(12_345, (await store.MaintainAsync(Stop)).DeletedRows);
        Assert.Single(await store.QueryAsync());
    }

    [Fact]
    public async Task An_infinite_retention_keeps_everything()
    {
        _options.Retention = Timeout.InfiniteTimeSpan;
        await using var sqlite = new SqliteWindowStore(Path.Combine(_directory, "w.db"), _options, _clock);
        await sqlite.PrepareAsync(Stop);
        await using var postgres = await OpenPostgresAsync();
        foreach (IStore store in new IStore[] { sqlite, postgres })
        {
            await FillAsync(store);
            var rows = (await store.QueryAsync()).Count;
            _clock.Advance(TimeSpan.FromDays(30));
            var report = await store.MaintainAsync(Stop);
            Assert.Equal((0, 0L, 0L), (report.Dropped.Count, report.DeletedRows, report.DeletedCheckpoints));
            Assert.Equal(rows, (await store.QueryAsync()).Count);
        }
    }

    [Fact]
    public async Task Writers_continue_while_a_report_delays_the_drop_of_a_day()
    {
        await using var database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await using var store = new PostgresWindowStore(database, _options, _clock);
        await store.PrepareAsync(Stop);
        await store.WriteAsync([.. Enumerable.Range(0, 100).Select(sensor => Row(sensor).Write())], Stop);
        _clock.Advance(TimeSpan.FromDays(3));

        await using var reader = await database.OpenConnectionAsync(Stop);
        var report = await reader.BeginTransactionAsync(Stop);
        await using (var read = new NpgsqlCommand("SELECT count(*) FROM sensor_windows", reader))
        {
            await read.ExecuteScalarAsync(Stop);
        }

        var maintenance = store.MaintainAsync(Stop);
        var slowest = TimeSpan.Zero;
        for (var token = 1; token < 40 && !maintenance.IsCompleted; token++)
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            Assert.Equal(WriteOutcome.Written, await store.WriteAsync(Row(token: token + 1), token));
            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
        }

        Assert.InRange(slowest, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        await report.DisposeAsync();
        Assert.Equal(3, (await maintenance).Created.Count);
    }

    [Fact]
    public async Task One_of_several_silos_runs_the_maintenance()
    {
        await using var database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        var stores = Enumerable.Range(0, 4).Select(_ => new PostgresWindowStore(database, _options, _clock)).ToList();
        await stores[0].PrepareAsync(Stop);
        _clock.Advance(TimeSpan.FromDays(2));
        var reports = await Task.WhenAll(stores.Select(store => store.MaintainAsync(Stop)));
        Assert.Equal(2, reports.Sum(report => report.Created.Count));
    }

    private async Task<PostgresWindowStore> OpenPostgresAsync()
    {
        var store = new PostgresWindowStore(await server.CreateDatabaseAsync(), _options, _clock);
        await store.PrepareAsync(Stop);
        return store;
    }

    /// <summary>24 November 10:15 is <see cref="Start"/>.</summary>
    private async Task FillAsync(IWindowStore store)
    {
        var month = Period.FromSeconds(30 * 86_400);
        await store.WriteAsync(
            [
                Row(1).Write(),
                Row(2, start: Start - (2 * Day)).Write(),
                Row(3, start: Start - (2 * Day), length: month.TotalMicros).Write(),
                Row(4, start: Start - Day - Quarter).Write(),
                Row(5, start: Start - (50 * Day)).Write(),
                Row(6, start: Start - (50 * Day), length: 51 * Day).Write(),
                Row(7, start: Start - (5 * Day)).Write(),
                Row(8, start: Start + (300 * Day)).Write(),
            ],
            Stop);
        await store.WriteCheckpointAsync(new(Source, 10, Start, Start) { Life = store.Life }, Stop);
        _clock.Advance(TimeSpan.FromDays(1));
        await store.WriteCheckpointAsync(new(Source with { Partition = 4 }, 10, Start, Start) { Life = store.Life }, Stop);
    }

    private static async Task AssertRemainsAsync(IWindowStore store)
    {
        var remaining = (await store.QueryAsync()).Select(row => row.Key.SensorId).ToList();
        Assert.Equal([1, 3, 6, 8], remaining);
        Assert.Null(await store.ReadCheckpointAsync(Source, Stop));
        Assert.NotNull(await store.ReadCheckpointAsync(Source with { Partition = 4 }, Stop));
    }
}
