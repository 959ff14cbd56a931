using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Windows;
using Npgsql;

namespace GrainSensors.Storage.Tests.Merging;

[Trait("Category", "System")]
public sealed class PostgresMergedWindowTests(PostgresServer server) : MergedWindowTests
{
    private const string Blocked =
        "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
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
    public async Task A_connection_that_is_killed_before_the_mark_takes_the_pane_with_it()
    {
        await WriteAsync(Pane(0, 20));
        await using (await LockRowsAsync())
        {
            var write = Store.WriteAsync([new(Pane(1, 30), null)], Stop);
            await KillBlockedAsync();
            await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => write);
        }

        Assert.Empty(await Store.ReadAsync([Pane(1, 30).Id], Stop));
        await WriteAsync(Pane(1, 30));
        await MergeAsync();
        Assert.Equal(new(2, 25, 50, 20, 30), (await ReadAsync(Day)).Statistics.Measurements[0].Statistics);
    }

    [Fact]
    public async Task A_merger_whose_connection_is_killed_leaves_its_windows_to_another_one()
    {
        await WriteAsync(Pane(0, 20));
        await using (await LockRowsAsync())
        {
            var merge = MergeAsync();
            await KillBlockedAsync();
            await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => merge);
        }

        Assert.Equal(3, (await StaleAsync()).Count);
        Assert.Equal(3, await MergeAsync());
        Assert.Equal(new(1, 20, 0, 20, 20), (await ReadAsync(Day)).Statistics.Measurements[0].Statistics);
    }

    [Fact]
    public async Task A_merge_that_waits_for_the_transaction_of_a_pane_is_refused()
    {
        await WriteAsync(Pane(0, 20));
        var stale = await StaleAsync();
        Task<WriteOutcome[]> merge;
        await using (var pane = await Database.OpenConnectionAsync(Stop))
        {
            await using var transaction = await pane.BeginTransactionAsync(Stop);
            await using var mark = new NpgsqlCommand("UPDATE merged_windows SET is_stale = true, token = 4", pane);
            await mark.ExecuteNonQueryAsync(Stop);
            merge = Store.MergedWindows.WriteAsync(MergesOf(stale), Stop);
            await BlockedAsync();
            await transaction.CommitAsync(Stop);
        }

        Assert.All(await merge, outcome => Assert.Equal(WriteOutcome.Refused, outcome));
        Assert.Equal(3, (await StaleAsync()).Count);
    }

    [Fact]
    public async Task Silos_and_mergers_at_once_run_into_no_deadlock()
    {
        await using var other = new PostgresWindowStore(Database, Options, Clock);
        var latest = new StoredWindow?[200];
        for (var round = 0; round < 10; round++)
        {
            var panes = latest.Select((_, sensor) => Pane(0, round, 20) with { RowVersion = (round * 1000) + sensor })
                .Select((pane, sensor) => pane with { Id = pane.Id with { SensorId = sensor } }).ToArray();
            var writes = panes.Select((pane, sensor) => new WindowWrite(pane, latest[sensor]?.RowVersion)).ToList();
            await Task.WhenAll(
                Store.WriteAsync([.. writes.Take(150)], Stop),
                other.WriteAsync([.. writes.Skip(150).Reverse()], Stop),
                Store.Reconciliation.RemoveAsync([.. panes.Reverse().Select(pane => new WindowRemoval(pane.Id, -1))], Stop),
                MergeAsync(),
                new WindowMerger(other.MergedWindows, Random.Shared.NextInt64).MergeAsync(EpochTime.Max, EpochTime.Max, Stop));
            latest = panes;
        }

        await MergeAsync();
        var rows = await Database.SelectAsync("SELECT DISTINCT statistics[1][1], statistics[1][5], is_stale FROM merged_windows");
        Assert.Equal([2.0, 20.0, false], Assert.Single(rows));
    }

    [Fact]
    public async Task A_stale_window_that_is_marked_again_stays_on_its_page()
    {
        var pane = Pane(0, 20);
        await WriteAsync(pane);
        for (var version = 2; version <= 21; version++)
        {
            await RewriteAsync(pane with { RowVersion = version }, pane with { RowVersion = version - 1 });
        }

        await Database.SelectAsync("SELECT pg_stat_force_next_flush()");
        object?[] counts = [];
        await Until.Async(
            async () =>
            {
                counts = (await Database.SelectAsync(
                    "SELECT sum(n_tup_upd)::bigint, sum(n_tup_hot_upd)::bigint FROM pg_stat_user_tables "
                    + "WHERE relname LIKE 'merged_windows%'"))[0];
                return (long)counts[0]! == 60;
            },
            () => $"{counts[0]} updates",
            Deadline);

        // Another session may keep an old version alive, and one update then needs a new page.
        Assert.InRange((long)counts[1]!, 57, 60);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_silo_whose_role_owns_no_table_writes_and_merges(bool isLate)
    {
        var role = await SiloRole.CreateAsync(
            server,
            async owner =>
            {
                await using var migrating = new PostgresWindowStore(owner, Options, Clock);
                await migrating.PrepareAsync(Stop);
            },
            isLate);
        await using var store = new PostgresWindowStore(role.Silo, Options, Clock);
        await store.SetPeriodAsync(Period.Default, Stop);
        await store.MergedWindows.SetPeriodsAsync(Stop);
        await store.WriteAsync([new(Pane(0, 20), null)], Stop);
        var merger = new WindowMerger(store.MergedWindows, Random.Shared.NextInt64);
        Assert.Equal(3, await merger.MergeAsync(EpochTime.Max, EpochTime.Max, Stop));
    }

    protected override Task<IStore> OpenAsync(WindowStoreOptions options) =>
        Task.FromResult<IStore>(new PostgresWindowStore(Database, options, Clock));

    /// <returns>A connection that holds the rows of all longer windows until it is disposed.</returns>
    private async Task<NpgsqlConnection> LockRowsAsync()
    {
        var connection = await Database.OpenConnectionAsync(Stop);
        await connection.BeginTransactionAsync(Stop);
        await using var command = new NpgsqlCommand("SELECT FROM merged_windows FOR UPDATE", connection);
        await command.ExecuteNonQueryAsync(Stop);
        return connection;
    }

    private Task BlockedAsync() => Until.Async(
        async () => (await Database.SelectAsync($"SELECT pid {Blocked}")).Count > 0, () => "no statement waits for a row", Deadline);

    private async Task KillBlockedAsync()
    {
        await BlockedAsync();
        await Database.SelectAsync($"SELECT pg_terminate_backend(pid) {Blocked}");
    }
}
