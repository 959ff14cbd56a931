using System.Net;

namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>PostgreSQL and Kafka that go away and come back, while nobody restarts a silo.</summary>
[Trait("Category", "System")]
[Collection(FaultCollections.Servers)]
public sealed class ServerFaultTests(QuickCluster fixture) : QuickClusterTests(fixture)
{
    private static readonly double Outage = FaultSeeds.IsLong ? 20 : 5;

    /// <summary>Requests, by their keys in Kafka's protocol, and errors that a cluster in trouble answers them with.</summary>
    private static readonly (short Api, int Error)[] RequestErrors =
    [
        (0, 7), (0, 19), // Produce: timed out, not enough replicas
        (1, 6), (1, 5), // Fetch: not the leader, no leader
        (2, 6), // ListOffsets: not the leader
        (8, 16), (8, 27), // OffsetCommit: not the coordinator, rebalance in progress
        (9, 14), // OffsetFetch: coordinator is loading
        (10, 15), // FindCoordinator: there is none
        (11, 16), // JoinGroup: not the coordinator
        (12, 25), (12, 22), // Heartbeat: unknown member, illegal generation
        (14, 27), // SyncGroup: rebalance in progress
    ];

    [Theory]
    [MemberData(nameof(FaultSeeds.All), MemberType = typeof(FaultSeeds))]
    public async Task A_PostgreSQL_that_crashes_in_mid_checkpoint_twice_loses_nothing(int seed)
    {
        await using var run = new FaultRun("PostgreSQL -m immediate", Cluster, seed + 400);
        for (var crash = 0; crash < 2; crash++)
        {
            await run.UntilFlowingAsync();
            await run.FlowAsync(run.Random.NextDouble() * 2);
            await Cluster.Postgres.StopAsync("immediate");
            try
            {
                await run.FlowAsync(Outage);
                await EverySiloAsync("ready", HttpStatusCode.ServiceUnavailable);
                await EverySiloAsync("live", HttpStatusCode.OK);
            }
            finally
            {
                await Cluster.Postgres.StartAsync();
            }

            await EverySiloAsync("ready", HttpStatusCode.OK);
        }

        await run.UntilFlowingAsync();
        await run.FinishAsync();
    }

    [Theory]
    [MemberData(nameof(FaultSeeds.All), MemberType = typeof(FaultSeeds))]
    public async Task A_broker_that_is_down_and_then_fails_requests_loses_nothing(int seed)
    {
        TestKafka.SkipUnlessEmbedded("a real one is not told to fail; it is killed in another test");
        await using var run = new FaultRun("broker down", Cluster, seed + 500);
        await run.UntilFlowingAsync();
        await run.FlowAsync(run.Random.NextDouble() * 2);
        Cluster.Kafka.Embedded.SetDown(true);
        try
        {
            await run.FlowAsync(Outage);
            await EverySiloAsync("ready", HttpStatusCode.ServiceUnavailable);
        }
        finally
        {
            Cluster.Kafka.Embedded.SetDown(false);
        }

        // An error of the group's requests costs a rebalance, and the embedded broker takes its time for those.
        foreach (var (api, error) in RequestErrors)
        {
            Cluster.Kafka.Embedded.FailNext(api, error, count: FaultSeeds.IsLong ? run.Random.Next(1, 4) : 1);
        }

        await EverySiloAsync("ready", HttpStatusCode.OK);

        await run.UntilFlowingAsync();
        await run.FinishAsync();
    }

    [Theory]
    [MemberData(nameof(FaultSeeds.Few), MemberType = typeof(FaultSeeds))]
    public async Task A_silo_that_is_told_to_stop_while_PostgreSQL_is_away_ends_in_time_and_loses_nothing(int seed)
    {
        await using var run = new FaultRun("SIGTERM without PostgreSQL", Cluster, seed + 1000);
        await run.UntilFlowingAsync();
        await run.FlowAsync(run.Random.NextDouble());
        await Cluster.Postgres.StopAsync("immediate");
        var silo = Cluster.Silos[run.Random.Next(Cluster.Silos.Count)];
        Executable.Result end;
        TimeSpan stop;
        try
        {
            await EverySiloAsync("ready", HttpStatusCode.ServiceUnavailable);
            var started = TimeProvider.System.GetTimestamp();
            end = await silo.TerminateAsync();
            stop = TimeProvider.System.GetElapsedTime(started);
        }
        finally
        {
            await Cluster.Postgres.StartAsync();
        }

        await Cluster.RemoveAsync(silo);
        await Cluster.BeginAsync(1);

        run.Print($"stopped within {stop.TotalSeconds:0.0} s, exit code {end.ExitCode}");
        Assert.True(end.ExitCode == 2, end.ToString());
        Assert.InRange(stop.TotalSeconds, 0, 35);
        Assert.Contains("reads unwritten readings again", end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(end.Error.Split('\n'), line => HasTrace(line) && !line.Contains(": Orleans.", StringComparison.Ordinal));
        await run.UntilFlowingAsync();
        await run.FinishAsync();
    }

    private static bool HasTrace(string line) => line.Contains("   at ", StringComparison.Ordinal);

    private async Task EverySiloAsync(string probe, HttpStatusCode expected)
    {
        foreach (var silo in Cluster.Silos.ToList())
        {
            await Until.Async(
                async () => silo.Process.HasExited || await silo.HealthAsync(probe) == expected,
                () => $"/health/{probe} is not {expected}; {silo}",
                TimeSpan.FromSeconds(60));
        }
    }
}
