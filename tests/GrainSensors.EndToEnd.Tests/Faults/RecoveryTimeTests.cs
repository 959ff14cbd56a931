using GrainSensors.Hosting.Configuration;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.Kafka;

namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>How long those wait who configured nothing.</summary>
[Trait("Category", "System")]
[Collection(MeasuredAlone.Name)]
public sealed class RecoveryTimeTests
{
    /// <remarks>
    /// The session of the dead member has to end, and the group to share its partitions out anew. Kafka does that as soon as
    /// the living members have come, the embedded broker waits for a second less than the session, 9 s here. Orleans moves
    /// the grains meanwhile, and the readings are durable with the next checkpoint.
    /// </remarks>
    [Theory]
    [MemberData(nameof(FaultSeeds.Few), MemberType = typeof(FaultSeeds))]
    public async Task With_the_time_outs_as_shipped_readings_flow_again_soon_after_a_kill(int seed)
    {
        await using var cluster = await FaultCluster.StartAsync(2, FaultCluster.Shipped);
        await using var run = new FaultRun("kill -9, as shipped", cluster, seed + 700);
        await run.UntilFlowingAsync();
        var victim = cluster.Silos[run.Random.Next(cluster.Silos.Count)];
        await victim.KillAsync();
        await cluster.RemoveAsync(victim);
        var recovery = await run.UntilRecoveredAsync();
        await run.FinishAsync();

        var session = new KafkaOptions().SessionTimeout;
        var probe = new MemberOptions().ProbeInterval;
        var checkpoint = new IngestOptions().CheckpointInterval;
        var causes = FormattableString.Invariant(
            $"Kafka's session of {session.TotalSeconds} s, a probe of Orleans every {probe.TotalSeconds} s");
        run.Print($"recovery {recovery.TotalSeconds:0.0} s, decided by {causes} and a checkpoint every {checkpoint.TotalSeconds} s");
        Assert.InRange(recovery.TotalSeconds, 0, FaultSeeds.IsLong ? 30 : 60);
    }
}
