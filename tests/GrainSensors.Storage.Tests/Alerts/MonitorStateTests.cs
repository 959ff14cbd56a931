using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Sqlite;
using GrainSensors.Storage.Windows;
using Npgsql;

namespace GrainSensors.Storage.Tests.Alerts;

/// <summary>The tables of monitor states, on each database.</summary>
[Trait("Category", "System")]
public sealed class MonitorStateTests(PostgresServer server) : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private IStore? _store;

    public static TheoryData<string> Dialects => ["postgres", "sqlite", "memory"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await (_store?.DisposeAsync() ?? default);
        _directory.Dispose();
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task Changes_follow_a_state_until_it_is_written_whole(string dialect)
    {
        var states = await OpenAsync(dialect);
        var (life, first) = await WriteFirstAsync(states, 7);
        Assert.True(await states.WriteAsync(new(7, 1, 2, life, [2], [20, 21], 1), Stop));
        Assert.True(await states.WriteAsync(new(7, 2, 3, life, [3], [30], 2), Stop));
        Assert.True(await states.WriteAsync(new(8, null, 1, life, [9], [90], 0), Stop));

        AssertSame(first with { Version = 3, Marks = [3], Changes = [[20, 21], [30]] }, await states.ReadAsync(7, Stop));
        Assert.True(await states.WriteAsync(new(7, 3, 4, life, [4], new byte[5000], 0), Stop));
        AssertSame(new(life, 4, [4], new byte[5000], []), await states.ReadAsync(7, Stop));
        Assert.True(await states.WriteAsync(new(7, 4, 5, life, [5], [50], 1), Stop));
        AssertSame(new(life, 5, [5], new byte[5000], [[50]]), await states.ReadAsync(7, Stop));
        AssertSame(new(life, 1, [9], [90], []), await states.ReadAsync(8, Stop));
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_write_that_follows_on_another_version_or_life_changes_nothing(string dialect)
    {
        var states = await OpenAsync(dialect);
        var (life, first) = await WriteFirstAsync(states, 7);
        MonitorWrite[] refused =
        [
            new(7, null, 2, life, [2], [20], 0), new(7, 9, 2, life, [2], [20], 0), new(7, 9, 2, life, [2], [20], 1),
            new(7, 1, 2, Guid.NewGuid(), [2], [20], 0), new(7, 1, 2, Guid.NewGuid(), [2], [20], 1),
            new(8, 1, 2, life, [2], [20], 0), new(8, 1, 2, life, [2], [20], 1), new(8, null, 2, Guid.NewGuid(), [2], [20], 0),
        ];

        foreach (var write in refused)
        {
            Assert.False(await states.WriteAsync(write, Stop));
        }

        AssertSame(first, await states.ReadAsync(7, Stop));
        AssertSame(new(life, null, null, null, []), await states.ReadAsync(8, Stop));
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task Of_several_writes_at_once_one_succeeds(string dialect)
    {
        var states = await OpenAsync(dialect);
        var life = (await states.ReadAsync(7, Stop)).Life;
        long? version = null;
        for (var (round, change) = (0, 0); round < 30; round++, change = round % 4 == 0 ? 0 : change + 1)
        {
            var writes = Enumerable.Range(1, 6).Select(i => new MonitorWrite(
                7, version, (round * 10) + i, life, [(byte)i], [(byte)round, (byte)i], change)).ToList();
            var succeeded = await Task.WhenAll(writes.Select(write => Task.Run(() => states.WriteAsync(write, Stop))));
            var winner = writes[Array.IndexOf(succeeded, true)];
            Assert.Single(succeeded, true);
            var stored = await states.ReadAsync(7, Stop);
            Assert.Equal((winner.Version, change), (stored.Version, stored.Changes.Count));
            Assert.Equal(winner.Watches, change == 0 ? stored.Watches : stored.Changes[^1]);
            version = stored.Version;
        }
    }

    [Fact]
    public async Task A_restored_database_takes_no_write_of_the_life_before()
    {
        var address = await server.CreateDatabaseAsync();
        await using var store = new PostgresWindowStore(address);
        await store.PrepareAsync(Stop);
        var (life, first) = await WriteFirstAsync(store.MonitorStates, 7);
        await server.RestoreAsync(address, await server.DumpAsync(address));

        await Until.Async(
            ReadsLifeAsync,
            () => $"the life is still {life}",
            TimeSpan.FromSeconds(30));
        Assert.False(await store.MonitorStates.WriteAsync(new(7, 1, 2, life, [2], [20], 1), Stop));
        var stored = await store.MonitorStates.ReadAsync(7, Stop);
        AssertSame(first with { Life = store.Life }, stored);
        Assert.True(await store.MonitorStates.WriteAsync(new(7, 1, 2, store.Life, [2], [20], 1), Stop));

        async Task<bool> ReadsLifeAsync()
        {
            try
            {
                return await store.ReadLifeAsync(Stop) != life;
            }
            catch (WindowStoreUnavailableException)
            {
                return false;
            }
        }
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task The_states_of_version_0_1_are_moved_and_none_is_lost_when_that_fails(string dialect)
    {
        await using var old = await OldStore.CreateAsync(dialect, "0025", server, _directory);
        foreach (var shard in (int[])[0, 10, 59])
        {
            await old.SelectAsync(InsertOld(dialect, shard, "monitor", "default", "2026-11-24T10:00:00Z", [1, (byte)shard]));
            await old.SelectAsync(InsertOld(dialect, shard, "another", "default", "2026-11-24T10:00:00Z", [2, (byte)shard]));
        }

        if (dialect == "postgres")
        {
            await old.SelectAsync(InsertOld(dialect, 10, "monitor", "left", "2026-11-23T10:00:00Z", [9]));
        }

        await old.SelectAsync("CREATE TABLE monitor_changes (id integer)");
        await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => old.Store.PrepareAsync(Stop));
        await old.SelectAsync("DROP TABLE monitor_changes");
        await old.Store.PrepareAsync(Stop);

        foreach (var shard in (int[])[0, 10, 59])
        {
            var stored = await old.Store.MonitorStates.ReadAsync(shard, Stop);
            Assert.Equal((true, null, 0), (stored.Version is not null, stored.Marks, stored.Changes.Count));
            Assert.Equal([1, (byte)shard], stored.Watches);
            Assert.True(await old.Store.MonitorStates.WriteAsync(new(shard, stored.Version, 7, stored.Life, [1], [3], 0), Stop));
        }

        Assert.Null((await old.Store.MonitorStates.ReadAsync(1, Stop)).Version);
        var kept = await old.SelectAsync(
            $"SELECT state_name FROM {(dialect == "postgres" ? "orleans_grain_states" : "grain_states")} ORDER BY state_name");
        Assert.Equal(["another", "another", "another"], kept.Select(row => row[0]));
    }

    [Fact]
    public async Task States_in_a_table_of_Orleans_own_scripts_are_copied()
    {
        await using var old = await OldStore.CreateAsync("postgres", "0025", server, _directory);
        await old.SelectAsync(
            """
            CREATE TABLE orleansstorage (
                grainidhash integer NOT NULL, grainidn0 bigint NOT NULL, grainidn1 bigint NOT NULL, graintypehash integer NOT NULL,
                graintypestring varchar(512) NOT NULL, grainidextensionstring varchar(512), serviceid varchar(150) NOT NULL,
                payloadbinary bytea, modifiedon timestamp NOT NULL, version integer);
            INSERT INTO orleansstorage VALUES
                (1, 0, 7, 2, 'monitor', NULL, 'left', '\x01', '2026-11-23', 3),
                (1, 0, 7, 2, 'monitor', NULL, 'default', '\x02', '2026-11-24', 4),
                (1, 0, 8, 2, 'another', NULL, 'default', '\x03', '2026-11-24', 4)
            """);

        await old.Store.PrepareAsync(Stop);

        var stored = await old.Store.MonitorStates.ReadAsync(7, Stop);
        AssertSame(new(stored.Life, 4, null, [2], []), stored);
        Assert.Null((await old.Store.MonitorStates.ReadAsync(8, Stop)).Version);
    }

    [Fact]
    public async Task A_role_that_owns_no_table_writes_states_and_changes()
    {
        var role = await SiloRole.CreateAsync(server, MigrateAsync);
        await using var store = new PostgresWindowStore(role.Silo);
        var (life, first) = await WriteFirstAsync(store.MonitorStates, 7);
        Assert.True(await store.MonitorStates.WriteAsync(new(7, 1, 2, life, [2], [20], 1), Stop));
        Assert.True(await store.MonitorStates.WriteAsync(new(7, 2, 1, life, first.Marks!, first.Watches!, 0), Stop));
        AssertSame(first, await store.MonitorStates.ReadAsync(7, Stop));
    }

    [Fact]
    public async Task A_change_does_not_write_the_state_again()
    {
        var address = await server.CreateDatabaseAsync();
        await using var store = new PostgresWindowStore(address);
        await store.PrepareAsync(Stop);
        await using var database = NpgsqlDataSource.Create(address);
        var life = (await store.MonitorStates.ReadAsync(7, Stop)).Life;
        Assert.True(await store.MonitorStates.WriteAsync(new(7, null, 0, life, [1], new byte[100_000], 0), Stop));
        var before = await SizeAsync();
        for (var i = 1; i <= 100; i++)
        {
            Assert.True(await store.MonitorStates.WriteAsync(new(7, i - 1, i, life, [1], [1], i), Stop));
        }

        Assert.InRange(before, 100_000, 200_000);
        Assert.Equal(before, await SizeAsync());

        async Task<long> SizeAsync() => (long)(await database.SelectAsync(
            "SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE oid = 'monitor_states'::regclass"))[0][0]!;
    }

    private static async Task<(Guid Life, StoredMonitor First)> WriteFirstAsync(IMonitorStates states, int shard)
    {
        var nothing = await states.ReadAsync(shard, Stop);
        AssertSame(new(nothing.Life, null, null, null, []), nothing);
        Assert.True(await states.WriteAsync(new(shard, null, 1, nothing.Life, [1], [10, 11], 0), Stop));
        var first = await states.ReadAsync(shard, Stop);
        AssertSame(new(nothing.Life, 1, [1], [10, 11], []), first);
        return (nothing.Life, first);
    }

    private static void AssertSame(StoredMonitor expected, StoredMonitor got)
    {
        Assert.Equal((expected.Life, expected.Version), (got.Life, got.Version));
        Assert.Equal(expected.Marks, got.Marks);
        Assert.Equal(expected.Watches, got.Watches);
        Assert.Equal(expected.Changes, got.Changes);
    }

    private static string InsertOld(
        string dialect, int shard, string name, string service, string at, byte[] payload) => dialect == "postgres"
        ? $"INSERT INTO orleans_grain_states VALUES ({shard * 31}, 0, {shard}, NULL, '{name}', '{service}', 5, "
            + $"'\\x{Convert.ToHexString(payload)}', '{at}')"
        : $"INSERT INTO grain_states VALUES ('{name}/{shard:X}', '{name}', 'a', X'{Convert.ToHexString(payload)}', 1)";

    private static async Task MigrateAsync(string owner)
    {
        await using var store = new PostgresWindowStore(owner);
        await store.PrepareAsync(Stop);
    }

    private async Task<IMonitorStates> OpenAsync(string dialect)
    {
        if (dialect == "memory")
        {
            var life = Guid.NewGuid();
            return new MonitorStatesInMemory(_ => Task.FromResult(life));
        }

        _store = dialect == "postgres"
            ? new PostgresWindowStore(await server.CreateDatabaseAsync())
            : new SqliteWindowStore(_directory.File("a.db"));
        await _store.PrepareAsync(Stop);
        return _store.MonitorStates;
    }
}
