namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>Silos behind pgbouncer in transaction mode, which fails in its own ways.</summary>
[Trait("Category", "System")]
[Collection(FaultCollections.Servers)]
public sealed class PoolerFaultTests
{
    /// <summary>Fewer than a silo opens by itself.</summary>
    private const int PoolSize = 5;

    /// <summary>Of 60 sensors and 300 readings per second each.</summary>
    private const int Runs = 5;

    [Fact]
    public async Task Silos_behind_a_pooler_write_every_reading_once_whatever_happens_to_the_pooler()
    {
        await using var cluster = await FaultCluster.StartAsync(2, FaultCluster.Quick, poolSize: PoolSize);
        var runs = Enumerable.Range(0, Runs).Select(i => new FaultRun("pgbouncer", cluster, 1300 + i)).ToList();
        try
        {
            await FlowingAsync();
            await runs[0].FlowAsync(5);
            await FlowingAsync();
            await cluster.Pooler!.KillAsync();
            await runs[0].FlowAsync(2);
            await cluster.Pooler.StartAsync();
            await FlowingAsync();
            await cluster.Pooler.PauseAsync();
            await runs[0].FlowAsync(3);
            await cluster.Pooler.ResumeAsync();
            await FlowingAsync();
            await cluster.Postgres.StopAsync("immediate");
            await cluster.Postgres.StartAsync();
            await FlowingAsync();
            foreach (var run in runs)
            {
                await run.FinishAsync();
            }
        }
        finally
        {
            foreach (var run in runs)
            {
                await run.DisposeAsync();
            }
        }

        var errors = cluster.Silos.SelectMany(silo => silo.Process.Errors).ToList();
        Assert.DoesNotContain(errors, line => line.Contains("(SQLSTATE 26000)", StringComparison.Ordinal));
        Assert.DoesNotContain(errors, line => line.Contains("(SQLSTATE 42P05)", StringComparison.Ordinal));
        Figures.Print($"pgbouncer: {errors.Count} lines in the logs of {cluster.Silos.Count} silos over three outages");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', errors.Select(line => line[..Math.Min(line.Length, 300)])));

        Task FlowingAsync() => Task.WhenAll(runs.Select(run => run.UntilFlowingAsync()));
    }
}
