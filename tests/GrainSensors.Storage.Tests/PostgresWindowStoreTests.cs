using GrainSensors.Core.Windows;
using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Windows;
using Npgsql;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

[Trait("Category", "System")]
public sealed class PostgresWindowStoreTests(PostgresServer server) : WindowStoreTests
{
    private const string PartitionOfEachRow = "SELECT tableoid::regclass::text FROM windows ORDER BY sensor_id";

    private NpgsqlDataSource? _database;

    private NpgsqlDataSource Database => _database!;

    public override async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Database.DisposeAsync();
    }

    [Fact]
    public async Task The_view_has_exactly_the_columns_and_types_of_the_old_table()
    {
        var columns = await SelectAsync(
            """
            SELECT column_name::text, data_type::text, numeric_precision::int, numeric_scale::int FROM information_schema.columns
            WHERE table_name = 'sensor_temperatures' ORDER BY ordinal_position
            """);
        Assert.Equal(
            [
                "sensor_id integer 32 0", "window_start timestamp without time zone", "window_end timestamp without time zone",
                "avg_temperature numeric 5 2", "min_temperature numeric 5 2", "max_temperature numeric 5 2",
            ],
            columns.Select(column => string.Join(' ', column).TrimEnd()));
    }

    [Fact]
    public async Task Eight_silos_can_prepare_an_empty_database_at_once()
    {
        await using var database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        var stores = Enumerable.Range(0, 8).Select(_ => new PostgresWindowStore(database, Options, Clock)).ToList();
        var plan = await stores[0].PlanAsync(Stop);
        Assert.Equal("Run the migration 0001_windows.sql.", plan[0]);
        Assert.Contains("Create 5 daily partitions of the PT15M windows, from 2026-11-23 to 2026-11-27.", plan);
        await Task.WhenAll(stores.Select(store => store.PrepareAsync(Stop)));
        Assert.Empty(await stores[0].PlanAsync(Stop));
        Assert.Equal(WriteOutcome.Written, await stores[7].WriteAsync(Row()));
    }

    [Fact]
    public async Task Two_silos_that_write_the_same_rows_win_each_row_once_without_a_deadlock()
    {
        await using var other = new PostgresWindowStore(Database, Options, Clock);
        IStore[] silos = [Store, other];
        var expected = new long?[2000];
        for (var round = 1; round <= 5; round++)
        {
            var outcomes = await Task.WhenAll(silos.Select((silo, i) => silo.WriteAsync(
                [.. Enumerable.Range(0, expected.Length)
                    .Select(sensor => Row(sensor, token: (round * 10) + i).Write(expected[sensor]))
                    .OrderBy(write => i == 0 ? write.Window.Id.SensorId : -write.Window.Id.SensorId)],
                Stop)));
            for (var sensor = 0; sensor < expected.Length; sensor++)
            {
                var (first, second) = (outcomes[0][sensor], outcomes[1][^(sensor + 1)]);
                Assert.Equal([WriteOutcome.Written, WriteOutcome.Refused], new[] { first, second }.Order());
                expected[sensor] = (round * 10) + (first == WriteOutcome.Written ? 0 : 1);
            }
        }
    }

    [Fact]
    public async Task Rows_are_partitioned_by_day_and_move_out_of_the_default_partition_later()
    {
        const long Day = 96 * Quarter;
        WindowRow[] rows = [Row(1), Row(2, start: Start + (4 * Day), token: 5), Row(3, start: Start + (90 * Day))];
        await Store.WriteAsync([.. rows.Select(row => row.Write())], Stop);
        Assert.Equal("windows_pt15m_20261124 windows_pt15m_default windows_pt15m_default", await PartitionsAsync());

        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(["windows_pt15m_20261128"], (await Store.MaintainAsync(Stop)).Created);
        Assert.Equal("windows_pt15m_20261124 windows_pt15m_20261128 windows_pt15m_default", await PartitionsAsync());
        Assert.Equal(WriteOutcome.Written, await Store.WriteAsync(Row(2, start: Start + (4 * Day), token: 6), 5));

        async Task<string> PartitionsAsync() =>
            string.Join(' ', (await SelectAsync(PartitionOfEachRow)).Select(row => row[0]));
    }

    [Fact]
    public async Task A_past_day_gets_its_partition_with_its_first_window()
    {
        const long Day = 96 * Quarter;
        var retained = new WindowStoreOptions { Retention = TimeSpan.FromDays(10) };
        await using var store = new PostgresWindowStore(Database, retained, Clock);
        await using var other = new PostgresWindowStore(Database, retained, Clock);
        IStore[] silos = [store, other];
        await Task.WhenAll(silos.Select((silo, i) => silo.WriteAsync([Row(i, start: Start - (5 * Day)).Write()], Stop)));
        Assert.Equal(["windows_pt15m_20261119", "windows_pt15m_20261119"], await TablesAsync());

        // A long read does not delay the write; the windows move to their partition afterwards.
        await using (var reader = await Database.OpenConnectionAsync(Stop))
        {
            await using var report = await reader.BeginTransactionAsync(Stop);
            await using var read = new NpgsqlCommand("SELECT count(*) FROM sensor_windows", reader);
            await read.ExecuteScalarAsync(Stop);
            await store.WriteAsync([Row(2, start: Start - (6 * Day)).Write()], Stop);
            Assert.Equal("windows_pt15m_default", (await TablesAsync())[^1]);
        }

        Assert.Equal(["windows_pt15m_20261118"], (await store.MaintainAsync(Stop)).Created);
        Assert.Equal("windows_pt15m_20261118", (await TablesAsync())[^1]);

        async Task<string[]> TablesAsync() =>
            [.. (await SelectAsync(PartitionOfEachRow)).Select(row => (string)row[0]!)];
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Windows_of_a_day_without_statistics_are_looked_up_by_key(bool writes)
    {
        const int Sensors = 4_000, Wanted = 1_000;
        await SelectAsync("ALTER TABLE windows_pt15m_20261124 SET (autovacuum_enabled = off)");
        await Store.WriteAsync([.. Enumerable.Range(0, Sensors).Select(sensor => Row(sensor).Write())], Stop);
        Assert.Equal(-1f, Assert.Single(await SelectAsync("SELECT reltuples FROM pg_class WHERE relname = 'windows_pt15m_20261124'"))[0]);

        // PostgreSQL reports the reads of a connection at its end; the writes use two.
        var fetched = await FetchedAsync();
        var database = NpgsqlDataSource.Create(Database.ConnectionString);
        await using (database)
        {
            await using var reader = new PostgresWindowStore(database, Options, Clock);
            if (writes)
            {
                var rows = Enumerable.Range(0, Wanted).Select(sensor => Row(sensor, token: 2).Write(1));
                Assert.All(await reader.WriteAsync([.. rows], Stop), outcome => Assert.Equal(WriteOutcome.Written, outcome));
            }
            else
            {
                var windows = Enumerable.Range(0, Wanted).Select(sensor => new WindowId(sensor, Period.Default, Start)).ToList();
                Assert.Equal(Wanted, (await reader.ReadAsync(windows, Stop)).Count);
            }
        }

        await Until.Async(
            () => FetchedAsync().GetAwaiter().GetResult() >= fetched + Wanted,
            () => $"the statistics show {FetchedAsync().GetAwaiter().GetResult() - fetched} lookups",
            TimeSpan.FromSeconds(30));
        Assert.InRange(await FetchedAsync() - fetched, Wanted, 2 * Wanted);

        async Task<long> FetchedAsync()
        {
            await SelectAsync("SELECT pg_stat_force_next_flush()");
            return (long)Assert.Single(await SelectAsync(
                "SELECT coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'windows_pt15m_20261124'"))[0]!;
        }
    }

    [Theory]
    [InlineData("sensor_hours")]
    [InlineData("sensor_days")]
    public async Task Hours_and_days_of_a_sensor_read_its_windows_alone(string view)
    {
        await Store.WriteAsync([.. Enumerable.Range(0, 4_000).Select(sensor => Row(sensor).Write())], Stop);
        await SelectAsync("ANALYZE windows");

        var plan = (await SelectAsync($"EXPLAIN SELECT * FROM {view} WHERE sensor_id = 7")).Select(line => (string)line[0]!).ToList();

        Assert.True(
            plan.Exists(line => line.Contains("Index Cond: (sensor_id = 7)", StringComparison.Ordinal)), string.Join('\n', plan));
    }

    [Fact]
    public async Task A_rewritten_row_stays_on_its_page()
    {
        await Store.WriteAsync(Row(token: 0));
        for (var i = 0; i < 50; i++)
        {
            await Store.WriteAsync(Row(token: i + 1), i);
        }

        await SelectAsync("SELECT pg_stat_force_next_flush()");
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (true)
        {
            var counts = Assert.Single(await SelectAsync(
                "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'windows_pt15m_20261124'"));
            if ((long)counts[0]! == 50)
            {
                // Another session may keep an old version alive, and one update then needs a new page.
                Assert.InRange((long)counts[1]!, 48, 50);
                return;
            }

            Assert.True(DateTime.UtcNow < deadline, "The statistics did not arrive.");
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_database_with_synchronous_commit_off_is_refused()
    {
        var settings = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync()) { Options = "-c synchronous_commit=off" };
        await using var store = new PostgresWindowStore(settings.ConnectionString, Options, Clock);
        var e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => store.PrepareAsync(Stop));
        Assert.Contains("synchronous_commit = off", e.Message, StringComparison.Ordinal);
        Assert.Contains("ALTER DATABASE", e.Message, StringComparison.Ordinal);
        IsOneSentenceWithoutSecrets(e.Message);
    }

    [Fact]
    public async Task A_database_without_tables_needs_a_migration()
    {
        await using var store = new PostgresWindowStore(await server.CreateDatabaseAsync(), Options, Clock);
        var e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => store.WriteAsync(Row()));
        Assert.True(e.NeedsMigration);
        Assert.EndsWith("has not run all migrations yet.", e.Message, StringComparison.Ordinal);
    }

    protected override Task<IStore> OpenAsync() => Task.FromResult<IStore>(new PostgresWindowStore(Database, Options, Clock));

    protected override Task<List<object?[]>> SelectAsync(string sql) => Database.SelectAsync(sql);
}
