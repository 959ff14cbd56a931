using GrainSensors.Core.Windows;
using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace GrainSensors.Storage.Tests;

/// <summary>A run ends in the table, whatever happens to its process.</summary>
[Trait("Category", "System")]
public sealed class ReconciliationRunTests(PostgresServer server)
{
    private const string Failures = "SELECT run_id::text, failure FROM reconciliation_runs ORDER BY started_at";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_next_run_ends_a_killed_one_and_no_active_one_in_PostgreSQL()
    {
        await using var database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await using var store = new PostgresWindowStore(database);
        await store.PrepareAsync(Stop);
        ReconciliationRun[] runs = [Run(1), Run(2), Run(3), Run(4)];
        var ended = await store.Reconciliation.BeginRunAsync(runs[0], Stop);
        await store.Reconciliation.EndRunAsync(runs[0] with { EndedAt = 1 }, Stop);
        await ended.DisposeAsync();
        var killed = await store.Reconciliation.BeginRunAsync(runs[1], Stop);
        await using var active = await store.Reconciliation.BeginRunAsync(runs[2], Stop);
        Assert.Equal([null, null, null], await FailuresAsync());

        // The server closes the transaction of a process that is gone.
        await killed.DisposeAsync();
        await using var next = await store.Reconciliation.BeginRunAsync(runs[3], Stop);

        Assert.Equal([null, "killed", null, null], await FailuresAsync());
        Assert.Equal(2L, (await database.SelectAsync("SELECT count(*) FROM reconciliation_runs WHERE ended_at IS NULL"))[0][0]);

        async Task<string?[]> FailuresAsync() => [.. (await database.SelectAsync(Failures)).Select(row => row[1] as string)];
    }

    [Fact]
    public async Task The_next_run_ends_a_killed_one_in_SQLite()
    {
        using var folder = new TemporaryDirectory();
        await using var store = new SqliteWindowStore(folder.File("windows.db"));
        await store.PrepareAsync(Stop);
        await using var killed = await store.Reconciliation.BeginRunAsync(Run(1), Stop);
        await using var next = await store.Reconciliation.BeginRunAsync(Run(2), Stop);
        await store.Reconciliation.EndRunAsync(Run(2) with { EndedAt = 3 }, Stop);

        await using var connection = new SqliteConnection($"Data Source={folder.File("windows.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Stop);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT group_concat(coalesce(failure, '') || ' ' || ended_at, ', ') FROM reconciliation_runs";
        Assert.Equal("killed 2,  3", await command.ExecuteScalarAsync(Stop));
    }

    private static ReconciliationRun Run(int number) => new(
        new Guid(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]), "local", Period.FromSeconds(900), 0, 1, null, DryRun: true, [], number);
}
