using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Sensors;
using GrainSensors.Storage.Windows;
using Npgsql;

namespace GrainSensors.Storage.Tests.Alerts;

[Trait("Category", "System")]
public sealed class PostgresAlertTests(PostgresServer server) : AlertStoreTests
{
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
    public async Task Two_silos_that_write_the_same_alerts_leave_one_open_alert_each()
    {
        await using var one = new PostgresWindowStore(Database);
        await using var two = new PostgresWindowStore(Database);
        var alerts = Enumerable.Range(0, 200).Select(sensor => Extreme(sensor, Start)).ToList();
        for (var round = 0; round < 5; round++)
        {
            await Task.WhenAll(one.Alerts.WriteAsync(alerts, Stop), two.Alerts.WriteAsync([.. Enumerable.Reverse(alerts)], Stop));
        }

        Assert.Equal(200, (await one.Alerts.CountOpenAsync(Stop)).Open);
    }

    [Fact]
    public async Task A_table_of_the_old_pipeline_is_adopted_with_its_rows()
    {
        await using var database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await database.SelectAsync(
            """
            CREATE TABLE sensors (
                sensor_id bigint, city varchar(50), station varchar(50), diff_temperature numeric(5, 2), owner text)
            """);
        await database.SelectAsync("INSERT INTO sensors VALUES (1, 'Valencia', 'Viveros', 0.45, 'ana'), (2, 'Murcia', NULL, NULL, NULL)");
        await using var store = new PostgresWindowStore(database);
        await store.PrepareAsync(Stop);
        Assert.Equal(
            [new(1, "Valencia", "Viveros", 0.45), new(2, "Murcia")],
            await store.Sensors.ReadAllAsync(null, Stop).ToListAsync(Stop));
        const string Versions = "SELECT sensor_id, ctid::text, diff_temperature FROM sensors ORDER BY sensor_id";
        var versions = await database.SelectAsync(Versions);
        RegisteredSensor[] named = [new(1, "Valencia", "Viveros", 0.45) { DisplayName = "A" }, new(2, "Murcia") { DisplayName = "B" }];
        await store.Sensors.WriteAsync(named, Stop);
        Assert.Equal("B", (await store.Sensors.FindAsync(2, Stop))!.DisplayName);
        Assert.Equal(versions, await database.SelectAsync(Versions));
        await store.Sensors.WriteAsync([new(2, "Lorca")], Stop);
        Assert.Null((await database.SelectAsync("SELECT diff_temperature FROM sensors WHERE city = 'Lorca'"))[0][0]);
        await store.Sensors.WriteAsync([new RegisteredSensor(2, "Murcia", "Alfonso X", 1, """{"timeout": "00:03:00"}"""), new(3)], Stop);
        Assert.Equal("""{"timeout": "00:03:00"}""", (await store.Sensors.FindAsync(2, Stop))!.Overrides);
        Assert.Equal("ana", Assert.Single(await database.SelectAsync("SELECT owner FROM sensors WHERE sensor_id = 1"))[0]);
        Assert.Empty(await store.PlanAsync(Stop));
    }

    [Theory]
    [InlineData("CREATE TABLE sensors (name text)", "not a table of sensors")]
    [InlineData("CREATE TABLE sensors AS SELECT 1 AS sensor_id FROM generate_series(1, 2)", "several rows with the same sensor_id")]
    public async Task A_table_with_other_columns_is_refused_with_the_cure(string sql, string part)
    {
        await using var database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await database.SelectAsync(sql);
        await using var store = new PostgresWindowStore(database);
        var e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => store.PrepareAsync(Stop));
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
    }

    protected override Task<IStore> OpenAsync(WindowStoreOptions? options = null) =>
        Task.FromResult<IStore>(new PostgresWindowStore(Database, options, Clock));

    protected override Task ExecuteAsync(string sql) => Database.SelectAsync(sql);
}
