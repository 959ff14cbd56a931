using GrainSensors.Core.Windows;
using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Windows;
using Npgsql;

namespace GrainSensors.Storage.Tests;

/// <summary>A database that has lost what was durable is told apart from the one before.</summary>
[Trait("Category", "System")]
public sealed class StoreLifeTests : IAsyncLifetime
{
    private static readonly SourceId Source = new(Guid.NewGuid(), 3);
    private static readonly CancellationToken Stop = CancellationToken.None;
    private readonly PostgresServer _server = new();
    private string _database = "";

    public async ValueTask InitializeAsync() => _database = await _server.CreateDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_standby_that_takes_over_without_the_last_commits_is_another_life()
    {
        await PrepareAsync();
        await using var standby = await _server.CreateStandbyAsync();
        await using var store = new PostgresWindowStore(_server.WithStandby(_database, standby));
        await store.PrepareAsync(Stop);
        var life = store.Life;
        var first = new Checkpoint(Source, 10, 0, 0) { Token = 1, Life = life };
        Assert.True(await store.WriteCheckpointAsync(first, Stop));
        await standby.StartAsync();
        await CatchUpAsync(standby);
        await standby.StopAsync();
        Assert.True(await store.WriteCheckpointAsync(first with { NextOffset = 20, Token = 2, Replaces = [1] }, Stop));

        await _server.StopAsync("immediate");
        await standby.StartAsync();
        await standby.PromoteAsync();

        // The standby has the first checkpoint, but rows that were written after it may be missing.
        await UntilAnswersAsync(async () => Assert.False(
            await store.WriteCheckpointAsync(first with { NextOffset = 30, Token = 3, Replaces = [1, 2] }, Stop)));
        Assert.NotEqual(life, store.Life);
        var found = await store.ReadCheckpointAsync(Source, Stop);
        Assert.Equal((10L, store.Life), (found!.NextOffset, found.Life));
        Assert.True(await store.WriteCheckpointAsync(first with { Token = 4, Life = store.Life, Replaces = [1] }, Stop));
    }

    [Fact]
    public async Task A_restored_dump_is_another_life_and_a_restart_is_not()
    {
        await PrepareAsync();
        await using var store = new PostgresWindowStore(_database);
        var life = await store.ReadLifeAsync(Stop);
        await store.WriteAsync(WindowRows.Row(1, token: 10));
        await _server.StopAsync("immediate");
        await _server.StartAsync();
        await UntilAnswersAsync(() => store.ReadLifeAsync(Stop));
        Assert.Equal(life, store.Life);

        var dump = await _server.DumpAsync(_database);
        await _server.RestoreAsync(_database, dump);

        // The row version is as before, but the writer may lack readings that another one had written before the restore.
        await UntilAnswersAsync(async () => Assert.Equal(
            [WriteOutcome.Refused, WriteOutcome.Refused],
            await store.WriteAsync(
                [WindowRows.Row(1, token: 11).Write(10) with { Life = life }, WindowRows.Row(2).Write() with { Life = life }], Stop)));

        // Loading a window tells it, too.
        await UntilAnswersAsync(() => store.ReadAsync([new WindowId(1, Core.Windows.Period.Default, 0)], Stop));
        Assert.NotEqual(life, store.Life);
        Assert.Equal(
            WriteOutcome.Written,
            (await store.WriteAsync([WindowRows.Row(1, token: 11).Write(10) with { Life = store.Life }], Stop))[0]);
    }

    [Fact]
    public async Task A_role_without_rights_to_the_control_data_has_the_rest_of_the_life()
    {
        await PrepareAsync();
        await using var dataSource = NpgsqlDataSource.Create(_database);
        await using var prepare = dataSource.CreateCommand(
            """
            REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC;
            REVOKE EXECUTE ON FUNCTION pg_walfile_name(pg_lsn) FROM PUBLIC;
            CREATE ROLE silo LOGIN
            """);
        await prepare.ExecuteNonQueryAsync(Stop);
        var address = new NpgsqlConnectionStringBuilder(_database) { Username = "silo" }.ConnectionString;
        await using var store = new PostgresWindowStore(address);
        var life = await store.ReadLifeAsync(Stop);
        Assert.NotEqual(Guid.Empty, life);
        Assert.Equal(life, await store.ReadLifeAsync(Stop));
    }

    private async Task PrepareAsync()
    {
        await using var store = new PostgresWindowStore(_database);
        await store.PrepareAsync(Stop);
    }

    private async Task CatchUpAsync(PostgresServer standby)
    {
        var address = new NpgsqlConnectionStringBuilder(standby.WithStandby(_database, standby)) { TargetSessionAttributes = "any" };
        await using var replica = NpgsqlDataSource.Create(address.ConnectionString);
        await Until.Async(
            async () =>
            {
                await using var command = replica.CreateCommand("SELECT count(*) FROM checkpoints");
                return await command.ExecuteScalarAsync() is 1L;
            },
            () => "the standby has no checkpoint",
            TimeSpan.FromSeconds(30));
    }

    private static Task UntilAnswersAsync(Func<Task> call)
    {
        var reason = "";
        return Until.Async(
            async () =>
            {
                try
                {
                    await call();
                    return true;
                }
                catch (WindowStoreUnavailableException e)
                {
                    reason = e.Message;
                    return false;
                }
            },
            () => reason,
            TimeSpan.FromSeconds(30));
    }
}
