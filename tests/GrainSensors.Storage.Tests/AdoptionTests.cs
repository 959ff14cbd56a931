using GrainSensors.Core.Statistics;
using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Windows;
using Npgsql;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>A database of the old pipeline is adopted: nothing is dropped, and its readers see the same columns.</summary>
[Trait("Category", "System")]
public sealed class AdoptionTests(PostgresServer server) : IAsyncLifetime
{
    private const string OldTable =
        """
        CREATE TABLE sensor_temperatures (sensor_id INT, window_start TIMESTAMP, window_end TIMESTAMP,
            avg_temperature DECIMAL(5,2), min_temperature DECIMAL(5,2), max_temperature DECIMAL(5,2));
        INSERT INTO sensor_temperatures VALUES
            (1, '2026-11-24 10:00', '2026-11-24 10:15', 20.5, 19.25, 21), (7, '2026-11-24 10:15', '2026-11-24 10:30', 1, 1, 1);
        CREATE TABLE sensors (sensor_id INT, city TEXT, station TEXT, diff_temperature DECIMAL(5,2));
        INSERT INTO sensors VALUES (1, 'Kraków', 'Rynek', 0.5);
        """;

    private string _connectionString = "";
    private NpgsqlDataSource? _database;

    private NpgsqlDataSource Database => _database!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _connectionString = await server.CreateDatabaseAsync();
        _database = NpgsqlDataSource.Create(_connectionString);
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    [Fact]
    public async Task The_old_table_is_renamed_kept_and_shown_through_the_view()
    {
        await Database.ExecuteAsync(OldTable);
        await using var store = await AdoptAsync();
        Assert.Equal(
            ["1 2026-11-24 10:00 2026-11-24 10:15 20.50 19.25 21.00", "7 2026-11-24 10:15 2026-11-24 10:30 1.00 1.00 1.00"],
            await ViewAsync());
        Assert.Equal(2L, (await Database.SelectAsync("SELECT count(*) FROM sensor_temperatures_legacy"))[0][0]);
        var sensors = await Database.SelectAsync("SELECT sensor_id, city, station, diff_temperature FROM sensors");
        Assert.Equal("1 Kraków Rynek 0.50", Line(sensors[0]));

        // The view shows the new window in place of the old one; a window of another period replaces none.
        await store.WriteAsync(Row(7));
        await store.WriteAsync(Row(1, start: Start - Quarter, length: Quarter / 15));
        Assert.Equal(
            ["1 2026-11-24 10:00 2026-11-24 10:15 20.50 19.25 21.00", "7 2026-11-24 10:15 2026-11-24 10:30 21.50 21.25 21.75"],
            await ViewAsync());
        Assert.Equal(
            "integer, timestamp without time zone, timestamp without time zone, numeric(5,2), numeric(5,2), numeric(5,2)",
            await ViewTypesAsync());
    }

    [Fact]
    public async Task The_plan_lists_every_step_before_it_runs_and_none_afterwards()
    {
        await Database.ExecuteAsync(OldTable);
        await Database.ExecuteAsync("ANALYZE sensor_temperatures");
        await using var store = new PostgresWindowStore(Database, new() { Retention = TimeSpan.FromDays(2) });
        var plan = await store.PlanAsync(Stop);
        var migrations = plan.TakeWhile(step => step.StartsWith("Run the migration", StringComparison.Ordinal)).ToList();
        Assert.Equal("Run the migration 0001_windows.sql.", migrations[0]);
        Assert.Contains("Run the migration 0005_sensors.sql.", migrations);
        var rest = plan.Skip(migrations.Count).ToList();
        Assert.Equal(
            [
                "Rename public.sensor_temperatures (about 2 rows) to sensor_temperatures_legacy; nothing is dropped.",
                "Create the view public.sensor_temperatures of the new windows, and of the other rows of sensor_temperatures_legacy.",
            ],
            rest.Take(2));
        Assert.StartsWith("Create 5 daily partitions", Assert.Single(rest.Skip(2)), StringComparison.Ordinal);
        Assert.Equal("r", await KindAsync("sensor_temperatures"));
        await store.PrepareAsync(Stop);
        Assert.Empty(await store.PlanAsync(Stop));
    }

    [Fact]
    public async Task Adopting_twice_or_from_many_silos_at_once_gives_the_same_result()
    {
        await Database.ExecuteAsync(OldTable);
        var stores = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => AdoptAsync()));
        await stores[0].PrepareAsync(Stop);
        Assert.Equal(2, (await ViewAsync()).Count);
        Assert.Equal(("v", "r"), (await KindAsync("sensor_temperatures"), await KindAsync("sensor_temperatures_legacy")));
    }

    [Fact]
    public async Task Other_columns_keys_indexes_and_types_do_not_matter()
    {
        await Database.ExecuteAsync(
            """
            CREATE TABLE sensor_temperatures (
                id SERIAL PRIMARY KEY, max_temperature REAL, note TEXT, min_temperature NUMERIC, avg_temperature DOUBLE PRECISION,
                window_end TIMESTAMPTZ(3), window_start TIMESTAMPTZ, sensor_id BIGINT, UNIQUE (sensor_id, window_start));
            CREATE INDEX by_start ON sensor_temperatures (window_start);
            INSERT INTO sensor_temperatures (sensor_id, window_start, window_end, avg_temperature, min_temperature, max_temperature) VALUES
                (7, '2026-11-24 12:15+02', '2026-11-24 12:30+02', 20.126, 19.254, 21.5),
                (9, '2026-11-24 12:15+02', '2026-11-24 12:30+02', 1e300, -1000, 'NaN'),
                (5000000000, '2026-11-24 12:15+02', '2026-11-24 12:30+02', NULL, 1, 1);
            """);
        await using var store = await AdoptAsync();
        Assert.Equal(
            [
                "7 2026-11-24 10:15 2026-11-24 10:30 20.13 19.25 21.50",
                "9 2026-11-24 10:15 2026-11-24 10:30 - - -",
                "- 2026-11-24 10:15 2026-11-24 10:30 - 1.00 1.00",
            ],
            await ViewAsync());
        await store.WriteAsync(Row(7, statistics: new RunningStatistics(1, 2, 0, 2, 2)));
        Assert.Equal("7 2026-11-24 10:15 2026-11-24 10:30 2.00 2.00 2.00", (await ViewAsync())[0]);
        Assert.StartsWith("integer, timestamp without time zone", await ViewTypesAsync(), StringComparison.Ordinal);
        await Database.ExecuteAsync("INSERT INTO sensor_temperatures_legacy (sensor_id) VALUES (3)");
    }

    [Fact]
    public async Task A_table_in_another_schema_of_the_search_path_is_adopted_there_and_other_deployments_stay_unchanged()
    {
        await Database.ExecuteAsync("CREATE SCHEMA \"Old\"; CREATE SCHEMA fresh");
        await using var old = InSchema("\"Old\"");
        await old.ExecuteAsync(OldTable);
        await using var oldStore = await AdoptAsync(old);
        Assert.Equal(2, (await ViewAsync(old)).Count);

        // The search path of a second deployment also contains the view and the old table of the first one.
        await using var fresh = InSchema("fresh,\"Old\"");
        await using var freshStore = await AdoptAsync(fresh);
        Assert.Empty(await ViewAsync(fresh));
        Assert.Equal(2, (await ViewAsync(old)).Count);
        await freshStore.WriteAsync(Row(1));
        Assert.Equal((1, 2), ((await ViewAsync(fresh)).Count, (await ViewAsync(old)).Count));
        Assert.Empty(await oldStore.PlanAsync(Stop));
    }

    [Fact]
    public async Task Readers_of_the_old_table_can_read_the_view()
    {
        var role = $"reader_{Guid.NewGuid():N}";
        await Database.ExecuteAsync($"{OldTable} CREATE ROLE {role} LOGIN; GRANT SELECT ON sensor_temperatures TO {role}");
        await using var store = await AdoptAsync();
        var settings = new NpgsqlConnectionStringBuilder(_connectionString) { Username = role };
        await using var reader = NpgsqlDataSource.Create(settings);
        Assert.Equal(2, (await ViewAsync(reader)).Count);
    }

    [Theory]
    [InlineData("CREATE TABLE sensor_temperatures (sensor_id INT)", "window_start is missing")]
    [InlineData(
        "CREATE TABLE sensor_temperatures (sensor_id TEXT, window_start TIMESTAMP, window_end TIMESTAMP, "
        + "avg_temperature INT, min_temperature INT, max_temperature INT)",
        "sensor_id has the type text")]
    [InlineData("CREATE TABLE sensor_temperatures (a INT); CREATE TABLE sensor_temperatures_legacy (a INT)", "rename one of them")]
    public async Task A_table_with_other_columns_stops_the_migration(string sql, string expected)
    {
        await Database.ExecuteAsync(sql);
        await using var store = new PostgresWindowStore(Database, new() { Retention = TimeSpan.FromDays(2) });
        foreach (var call in new Func<Task>[] { () => store.PlanAsync(Stop), () => store.PrepareAsync(Stop) })
        {
            var e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(call);
            Assert.Contains(expected, e.Message, StringComparison.Ordinal);
            IsOneSentenceWithoutSecrets(e.Message);
        }

        Assert.Equal("r", await KindAsync("sensor_temperatures"));
    }

    private async Task<PostgresWindowStore> AdoptAsync(NpgsqlDataSource? database = null)
    {
        var store = new PostgresWindowStore(database ?? Database, new() { Retention = TimeSpan.FromDays(2) });
        await store.PrepareAsync(Stop);
        return store;
    }

    private NpgsqlDataSource InSchema(string searchPath) =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_connectionString) { SearchPath = searchPath });

    private async Task<List<string>> ViewAsync(NpgsqlDataSource? database = null) =>
        (await (database ?? Database).SelectAsync("SELECT * FROM sensor_temperatures ORDER BY sensor_id, window_start")).ConvertAll(Line);

    private static string Line(object?[] row) =>
        string.Join(' ', row.Select(Text));

    private static string Text(object? value) => value switch
    {
        null => "-",
        DateTime time => $"{time:yyyy-MM-dd HH:mm}",
        _ => FormattableString.Invariant($"{value}"),
    };

    private async Task<string> ViewTypesAsync() => (string)(await Database.SelectAsync(
        """
        SELECT string_agg(format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = 'sensor_temperatures'::regclass
        """))[0][0]!;

    private async Task<string> KindAsync(string name) =>
        $"{(await Database.SelectAsync($"SELECT relkind FROM pg_class WHERE oid = '{name}'::regclass"))[0][0]}";
}
