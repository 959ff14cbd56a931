namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>Silos that die or freeze, and sensors whose clocks are wrong.</summary>
[Trait("Category", "System")]
[Collection(FaultCollections.Silos)]
public sealed class SiloFaultTests(QuickCluster fixture) : QuickClusterTests(fixture)
{
    private static readonly int Kills = FaultSeeds.IsLong ? 10 : 2;

    [Theory]
    [MemberData(nameof(FaultSeeds.All), MemberType = typeof(FaultSeeds))]
    public async Task Killed_silos_lose_nothing(int seed)
    {
        await using var run = new FaultRun("kill -9", Cluster, seed);
        await run.UntilFlowingAsync();
        for (var kill = 0; kill < Kills; kill++)
        {
            await run.FlowAsync(2 + (run.Random.NextDouble() * 4));
            var victim = Victim(run);
            await victim.KillAsync();
            await Cluster.RemoveAsync(victim);
            Cluster.Begin();
        }

        await run.UntilFlowingAsync();
        await run.FinishAsync();
    }

    [Theory]
    [MemberData(nameof(FaultSeeds.All), MemberType = typeof(FaultSeeds))]
    public async Task A_silo_that_was_frozen_for_longer_than_its_session_spoils_nothing(int seed)
    {
        await using var run = new FaultRun("SIGSTOP", Cluster, seed + 100);
        await run.UntilFlowingAsync();
        await run.FlowAsync(run.Random.NextDouble());
        var zombie = Victim(run);
        await zombie.StopAsync();
        await run.FlowAsync(Cluster.Kafka.Options.SessionTimeout.TotalSeconds + 2 + (run.Random.NextDouble() * 4));
        await zombie.ContinueAsync();

        // Declared dead meanwhile, as a rule, it ends when it finds out, and is started again.
        await run.FlowAsync(8, until: () => !Cluster.Silos.Contains(zombie));
        await run.UntilFlowingAsync();
        await run.FinishAsync();
    }

    [Theory]
    [MemberData(nameof(FaultSeeds.All), MemberType = typeof(FaultSeeds))]
    public async Task Clocks_that_jump_an_hour_back_and_forth_lose_nothing(int seed)
    {
        var error = TimeSpan.Zero;
        await using var run = new FaultRun("clock jumps", Cluster, seed + 300, () => error);
        await run.UntilFlowingAsync();
        foreach (var minutes in new[] { -60, 59, 0, 59, -60 })
        {
            error = TimeSpan.FromMinutes(minutes);
            await run.FlowAsync(1 + run.Random.NextDouble());
        }

        await run.FinishAsync(closed: false);
    }

    private SiloProcess Victim(FaultRun run) => Cluster.Silos[run.Random.Next(Cluster.Silos.Count)];
}
