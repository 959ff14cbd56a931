namespace GrainSensors.Integration.Tests.Faults;

/// <summary>Silos that die, freeze and restart.</summary>
public sealed class SiloFaultTests
{
    [Theory]
    [MemberData(nameof(FaultSeeds.All), MemberType = typeof(FaultSeeds))]
    public async Task Killed_silos_lose_nothing(int seed)
    {
        await using var cluster = await FaultCluster.StartAsync(3, FaultCluster.Quick);
        await using var run = new FaultRun("kill -9", cluster, seed);
        await run.UntilFlowingAsync();
        for (var kill = 0; kill < FaultSeeds.Rounds; kill++)
        {
            await FaultRun.FlowAsync(2 + (run.Random.NextDouble() * 4));
            var victim = cluster.Silos[run.Random.Next(cluster.Silos.Count)];
            await victim.KillAsync();
            await cluster.RemoveAsync(victim);
            cluster.Begin();
        }

        await run.UntilFlowingAsync();
        await run.FinishAsync();
    }
}
