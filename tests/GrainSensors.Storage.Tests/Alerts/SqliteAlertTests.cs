using GrainSensors.Storage.Sensors;
using GrainSensors.Storage.Sqlite;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Tests.Alerts;

public sealed class SqliteAlertTests : AlertStoreTests
{
    private readonly string _directory = Directory.CreateTempSubdirectory("grainsensors-").FullName;

    private string FilePath => Path.Combine(_directory, "windows.db");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_table_of_the_old_pipeline_is_adopted_with_its_rows()
    {
        var path = Path.Combine(_directory, "old.db");
        Execute(path, "CREATE TABLE sensors (sensor_id INT, city TEXT, station TEXT, diff_temperature DECIMAL(5,2))");
        Execute(path, "INSERT INTO sensors VALUES (1, 'Valencia', 'Viveros', 0.45)");
        await using var store = new SqliteWindowStore(path);
        await store.PrepareAsync(Stop);
        await store.PrepareAsync(Stop);
        await store.Sensors.WriteAsync([new RegisteredSensor(2, "Murcia", Overrides: "{}")], Stop);
        Assert.Equal(
            [new(1, "Valencia", "Viveros", 0.45), new(2, "Murcia", Overrides: "{}")],
            await store.Sensors.ReadAllAsync(null, Stop).ToListAsync(Stop));
    }

    [Fact]
    public async Task An_adopted_row_is_written_only_where_it_changes_and_has_no_offset_as_before()
    {
        var path = Path.Combine(_directory, "old.db");
        Execute(path, "CREATE TABLE sensors (sensor_id INT, city TEXT, station TEXT, diff_temperature DECIMAL(5,2))");
        Execute(path, "INSERT INTO sensors VALUES (1, 'Valencia', 'Viveros', 0.45), (2, 'Murcia', NULL, NULL)");
        await using var store = new SqliteWindowStore(path);
        await store.PrepareAsync(Stop);
        Execute(path, "CREATE TRIGGER changed AFTER UPDATE ON sensors BEGIN SELECT RAISE(ABORT, 'changed'); END");
        RegisteredSensor[] named = [new(1, "Valencia", "Viveros", 0.45) { DisplayName = "A" }, new(2, "Murcia") { DisplayName = "B" }];
        await store.Sensors.WriteAsync(named, Stop);
        Assert.Equal(named, await store.Sensors.ReadAllAsync(null, Stop).ToListAsync(Stop));

        Execute(path, "DROP TRIGGER changed");
        await store.Sensors.WriteAsync([new(1, "Valencia"), new(2, "Lorca")], Stop);
        Execute(path, "UPDATE sensors SET city = 'null' WHERE diff_temperature IS NULL");
        Assert.Equal(
            [new(1, "Valencia"), new(2, "null")], await store.Sensors.ReadAllAsync(null, Stop).ToListAsync(Stop));
    }

    protected override Task<IStore> OpenAsync(WindowStoreOptions? options = null) =>
        Task.FromResult<IStore>(new SqliteWindowStore(FilePath, options, Clock));

    protected override Task ExecuteAsync(string sql)
    {
        Execute(FilePath, sql);
        return Task.CompletedTask;
    }

    private static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
