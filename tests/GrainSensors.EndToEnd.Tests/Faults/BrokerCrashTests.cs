namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>A real broker that dies; the embedded one has no data to come back with.</summary>
[Trait("Category", "System")]
public sealed class BrokerCrashTests
{
    private static readonly double Outage = FaultSeeds.IsLong ? 20 : 5;

    [Theory]
    [MemberData(nameof(FaultSeeds.Few), MemberType = typeof(FaultSeeds))]
    public async Task A_broker_that_is_killed_and_started_again_loses_nothing(int seed)
    {
        await using var cluster = await FaultCluster.StartAsync(
            3, FaultCluster.Quick, await TestKafka.StartOwnAsync(FaultCluster.Partitions));
        await using var run = new FaultRun("broker kill -9", cluster, seed + 600);
        for (var kill = 0; kill < 2; kill++)
        {
            await run.UntilFlowingAsync();
            await run.FlowAsync(run.Random.NextDouble() * 2);
            await cluster.Kafka.Process.KillAsync();
            await run.FlowAsync(Outage);
            await cluster.Kafka.Process.StartAsync();
        }

        await run.UntilFlowingAsync();
        await run.FinishAsync();
    }
}
