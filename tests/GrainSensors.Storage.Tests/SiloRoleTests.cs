using GrainSensors.Storage.Access;
using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>A silo whose role owns no table writes for as long as one that owns them.</summary>
[Trait("Category", "System")]
public sealed class SiloRoleTests(PostgresServer server)
{
    private const long Day = 96 * Quarter;
    private readonly FakeTimeProvider _clock = new(Now);
    private readonly WindowStoreOptions _options = new() { Retention = TimeSpan.FromDays(10) };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Windows_are_written_past_midnight_and_old_days_are_dropped(bool isLate)
    {
        var role = await SiloRole.CreateAsync(server, MigrateAsync, isLate);
        await using var database = NpgsqlDataSource.Create(role.Silo);
        await using var store = new PostgresWindowStore(database, _options, _clock);
        await store.PrepareAsync(Stop);
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync(Row(1), null));

        // More midnights than the partitions of the migration cover.
        _clock.Advance(TimeSpan.FromDays(8));
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync(Row(1, start: Start + (8 * Day)), null));
        Assert.Equal(1L, await CountAsync(database, "windows_pt15m_20261202"));

        _clock.Advance(TimeSpan.FromDays(4));
        var report = await store.MaintainAsync(Stop);
        Assert.Equal(["1205", "1206", "1207", "1208", "1209"], report.Created.Select(name => name[^4..]));
        Assert.Contains("windows_pt15m_20261124", report.Dropped);
        Assert.Single(await store.QueryAsync());
        Assert.Empty(await database.SelectAsync("SELECT FROM pg_class WHERE relowner = current_user::regrole"));
    }

    [Fact]
    public async Task Rows_in_the_default_partition_move_to_their_day()
    {
        var role = await SiloRole.CreateAsync(server, MigrateAsync);
        await using var database = NpgsqlDataSource.Create(role.Silo);
        await using var store = new PostgresWindowStore(database, _options, _clock);

        // A day that is not yet prepared, and too far ahead for a partition of its own.
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync(Row(1, start: Start + (6 * Day)), null));
        Assert.Equal(1L, await CountAsync(database, "windows_pt15m_default"));

        _clock.Advance(TimeSpan.FromDays(5));
        await store.MaintainAsync(Stop);
        Assert.Equal(0L, await CountAsync(database, "windows_pt15m_default"));
        Assert.Equal(1L, await CountAsync(database, "windows_pt15m_20261130"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Device_keys_are_added_read_and_removed(bool isLate)
    {
        var role = await SiloRole.CreateAsync(server, MigrateAsync, isLate);
        await using var store = new PostgresWindowStore(role.Silo);
        var keys = store.Access.DeviceKeys;

        Assert.True(await keys.AddAsync(new("kitchen-1", "k1", new(KeyScopeKind.Device, "kitchen-1"), 0, "root", null), Stop));
        Assert.Single((await keys.ReadAsync(null, Stop))!.Keys);
        Assert.True(await keys.RemoveAsync("kitchen-1", Stop));
    }

    [Fact]
    public async Task Without_default_privileges_the_migration_of_device_keys_gives_them_to_writers_of_windows_only()
    {
        var (writer, reader) = ($"writer_{Guid.NewGuid():N}", $"reader_{Guid.NewGuid():N}");
        var address = await server.CreateDatabaseAsync();
        await using var owner = NpgsqlDataSource.Create(address);
        await MigrateAsync(address);
        await owner.ExecuteAsync(
            $"""
            DROP TABLE device_keys, device_key_revision;
            CREATE ROLE {writer} LOGIN;
            CREATE ROLE {reader} LOGIN;
            GRANT SELECT, INSERT, UPDATE, DELETE ON windows, access_keys TO {writer};
            GRANT SELECT ON windows TO {reader};
            """);
        await owner.ExecuteAsync(RepositoryFiles.Read("sql/postgres/0044_device_keys.sql"));

        await using var store = new PostgresWindowStore(
            new NpgsqlConnectionStringBuilder(address) { Username = writer }.ConnectionString);
        var keys = store.Access.DeviceKeys;
        Assert.True(await keys.AddAsync(new("kitchen-1", "k1", new(KeyScopeKind.Device, "kitchen-1"), 0, "root", null), Stop));
        Assert.Single((await keys.ReadAsync(null, Stop))!.Keys);
        Assert.True(await keys.RemoveAsync("kitchen-1", Stop));
        await using var other = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(address) { Username = reader }.ConnectionString);
        await Assert.ThrowsAsync<PostgresException>(() => other.ExecuteAsync("SELECT FROM device_keys"));
    }

    [Theory]
    [InlineData("CREATE TABLE more (id integer)")]
    [InlineData("DROP TABLE windows_pt15m_default")]
    [InlineData("ALTER TABLE alerts ADD COLUMN more integer")]
    [InlineData("TRUNCATE windows")]
    public async Task The_role_changes_no_schema(string statement)
    {
        var role = await SiloRole.CreateAsync(server, MigrateAsync);
        await using var database = NpgsqlDataSource.Create(role.Silo);

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync(statement));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_role_gives_numbers_to_names_and_changes_none(bool isLate)
    {
        var role = await SiloRole.CreateAsync(server, MigrateAsync, isLate);
        await using var database = NpgsqlDataSource.Create(role.Silo);
        await using var store = new PostgresWindowStore(database, _options, _clock);
        var numbers = new int[1];
        await store.Names.NumbersOfAsync(["boiler"u8.ToArray()], numbers, Stop);
        Assert.Equal(["boiler"], await store.Names.NamesOfAsync(numbers, Stop));

        foreach (var statement in new[] { "UPDATE sensor_names SET name = 'x'", "DELETE FROM sensor_names", "TRUNCATE sensor_names" })
        {
            var refusal = await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync(statement));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
        }
    }

    [Fact]
    public async Task A_role_that_cannot_migrate_says_that_the_owner_must()
    {
        var role = await SiloRole.CreateAsync(server, _ => Task.CompletedTask);
        await using var store = new PostgresWindowStore(role.Silo, _options, _clock);

        var refusal = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => store.PrepareAsync(Stop));

        Assert.True(refusal.NeedsMigration);
        Assert.Contains("permission denied for schema public", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_grant_the_functions_are_refused()
    {
        var role = await SiloRole.CreateAsync(server, MigrateAsync);
        var stranger = $"stranger_{Guid.NewGuid():N}";
        await using (var owner = NpgsqlDataSource.Create(role.Owner))
        {
            await owner.ExecuteAsync($"CREATE ROLE {stranger} LOGIN");
        }

        await using var database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(role.Silo) { Username = stranger }.ConnectionString);
        foreach (var call in new[]
        {
            "create_window_partitions('PT15M', '{2030-01-01}')", "summarize_window_partition('PT15M', '2026-11-24')",
            "drop_window_partition('PT15M', '2026-11-24', 'infinity')", "create_merged_partition('P1D', '2030-01-01', 12)",
            "drop_merged_partition('P1D', '2030-01-01', 'infinity')",
            "create_period_partition('window_sketches', 'P1D', '2030-01-01', 12)",
            "drop_period_partition('window_sketches', 'P1D', '2030-01-01', 'infinity')",
        })
        {
            var refusal = await Assert.ThrowsAsync<PostgresException>(() => database.SelectAsync($"SELECT {call}"));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
        }
    }

    private static async Task<object?> CountAsync(NpgsqlDataSource database, string table) =>
        (await database.SelectAsync($"SELECT count(*) FROM {table}"))[0][0];

    private async Task MigrateAsync(string owner)
    {
        await using var store = new PostgresWindowStore(owner, _options, _clock);
        await store.PrepareAsync(Stop);
    }
}
