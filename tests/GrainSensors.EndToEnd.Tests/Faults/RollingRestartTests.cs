namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>Silos that are replaced one after the other, as an orchestrator does it.</summary>
[Trait("Category", "System")]
[Collection(MeasuredAlone.Name)]
public sealed class RollingRestartTests(QuickCluster fixture) : QuickClusterTests(fixture)
{
    /// <summary>Seconds. Three silos that start and stop on the two cores of a busy machine take their time.</summary>
    private static readonly double MaxDelay = FaultSeeds.IsLong ? 10 : 30;

    [Theory]
    [MemberData(nameof(FaultSeeds.All), MemberType = typeof(FaultSeeds))]
    public async Task A_rolling_restart_delays_no_reading_by_much(int seed)
    {
        await using var run = new FaultRun("rolling restart", Cluster, seed + 200);
        await run.UntilFlowingAsync();
        foreach (var old in Cluster.Silos.Take(2).ToList())
        {
            // As an orchestrator does it: the new one is ready before the old one is told to go.
            await Cluster.BeginAsync(1);
            var end = await old.TerminateAsync();
            Assert.True(end.ExitCode == 0, end.ToString());
            await Cluster.RemoveAsync(old);
            await run.FlowAsync(1 + run.Random.NextDouble());
        }

        await run.FinishAsync();
        Assert.InRange(run.LongestDelay.TotalSeconds, 0, MaxDelay);
    }
}
