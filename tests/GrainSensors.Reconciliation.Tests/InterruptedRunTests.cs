using Npgsql;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>The table of runs tells how a run ended.</summary>
[Trait("Category", "System")]
public sealed class InterruptedRunTests(PostgresServer postgres)
{
    [Fact]
    public async Task An_interrupted_run_is_stored_as_interrupted()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var log = await ReconciledLog.StartAsync(postgres: database);
        await log.ProduceAsync(7, ReconciledLog.Start, 20);
        await log.CheckpointAsync(1);
        using var interruption = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => log.RunUntilAsync(
            interruption.Token, wrap: engine => new InterferingEngine(engine, interruption.CancelAsync)));

        await using var source = NpgsqlDataSource.Create(database);
        var run = Assert.Single(await source.SelectAsync("SELECT failure, ended_at IS NOT NULL FROM reconciliation_runs"));
        Assert.Equal(["interrupted", true], run);
    }
}
