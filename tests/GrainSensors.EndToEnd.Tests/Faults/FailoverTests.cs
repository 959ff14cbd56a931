namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>A standby that takes over and lacks what the server had acknowledged last.</summary>
[Trait("Category", "System")]
[Collection(FaultCollections.Servers)]
public sealed class FailoverTests
{
    [Theory]
    [MemberData(nameof(FaultSeeds.Few), MemberType = typeof(FaultSeeds))]
    public async Task A_standby_that_takes_over_without_the_last_seconds_loses_no_reading(int seed)
    {
        await using var cluster = await FaultCluster.StartWithStandbyAsync(2, FaultCluster.Quick);
        await using var run = new FaultRun("failover", cluster, seed + 1500);
        var standby = cluster.Standby!;
        await standby.StartAsync();
        await run.UntilFlowingAsync();
        await run.FlowAsync(3);
        await standby.StopAsync();

        // Rows and checkpoints of this time are durable, and are gone afterwards.
        await run.FlowAsync(3 + (run.Random.NextDouble() * 3));
        await run.UntilFlowingAsync();
        await cluster.Postgres.StopAsync("immediate");
        await standby.StartAsync();
        await standby.PromoteAsync();

        run.Print($"durable {(await run.UntilRecoveredAsync()).TotalSeconds:0.0} s after the standby took over");
        await run.UntilFlowingAsync();
        await run.FinishAsync();
    }
}
