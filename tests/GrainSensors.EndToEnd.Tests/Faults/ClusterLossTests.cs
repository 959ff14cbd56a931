namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>No silo is left to take over: what begins anew has the database and the log.</summary>
[Trait("Category", "System")]
[Collection(FaultCollections.Silos)]
public sealed class ClusterLossTests(QuickCluster fixture) : QuickClusterTests(fixture)
{
    private const int Silos = 3;

    /// <summary>
    /// In seconds. To notice that silos and members of the group are gone takes about 20; the rest is a margin for a busy machine. A silo
    /// that waits for the dead takes five minutes, Orleans' MaxJoinAttemptTime.
    /// </summary>
    private const double Limit = 150;

    /// <remarks>
    /// The dead are members in the table; new silos get past them as soon as their signs of life are old, and not before.
    /// </remarks>
    [Theory]
    [MemberData(nameof(FaultSeeds.Few), MemberType = typeof(FaultSeeds))]
    public async Task A_cluster_that_is_killed_as_a_whole_comes_back_without_waiting_for_minutes(int seed)
    {
        await using var run = new FaultRun("kill -9 of all", Cluster, seed + 800);
        await run.UntilFlowingAsync();
        await run.FlowAsync(run.Random.NextDouble() * 2);
        await Cluster.KillAllAsync();
        var recovery = await BeginAnewAsync(run);

        await run.FinishAsync();
        Assert.InRange(recovery.TotalSeconds, 0, Limit);
    }

    /// <remarks>
    /// The group's committed offsets are ahead of the checkpoints in the backup, by which the readings since are read again;
    /// the silos of then are members in it.
    /// </remarks>
    [Theory]
    [MemberData(nameof(FaultSeeds.Few), MemberType = typeof(FaultSeeds))]
    public async Task A_database_that_is_restored_from_an_older_backup_catches_up_from_the_log(int seed)
    {
        await using var run = new FaultRun("restore", Cluster, seed + 900);
        await run.UntilFlowingAsync();
        await run.FlowAsync(1 + run.Random.NextDouble());
        var backup = await Cluster.Postgres.DumpAsync(Cluster.ConnectionString);
        await run.FlowAsync(5);
        await Cluster.TerminateAllAsync();
        var committed = await CheckpointedAsync();
        await Cluster.Postgres.RestoreAsync(Cluster.ConnectionString, backup);
        Cluster.DataSource.Clear();
        var restored = await CheckpointedAsync();
        Assert.True(restored < committed, $"{restored} readings were checkpointed in the backup, {committed} when it was restored");
        run.Print($"{committed - restored} readings to be read again");
        var recovery = await BeginAnewAsync(run);

        await run.FinishAsync();
        Assert.InRange(recovery.TotalSeconds, 0, Limit);
    }

    /// <remarks>
    /// The group has committed offsets by the time of the restoration, and the backup no checkpoint of readings: only what
    /// was noted when the partitions were assigned says that everything is to be read again.
    /// </remarks>
    [Theory]
    [MemberData(nameof(FaultSeeds.Few), MemberType = typeof(FaultSeeds))]
    public async Task A_backup_from_before_the_first_checkpoint_loses_nothing_either(int seed)
    {
        await using var cluster = await FaultCluster.StartAsync(2, FaultCluster.Quick);
        await Until.Async(
            async () => await BeginningsAsync(cluster) == FaultCluster.Partitions, cluster.ToString, TimeSpan.FromSeconds(60));
        var backup = await cluster.Postgres.DumpAsync(cluster.ConnectionString);
        await using var run = new FaultRun("restore to the beginning", cluster, seed + 1100);
        await run.UntilFlowingAsync();
        await run.FlowAsync(3);
        await cluster.TerminateAllAsync();
        await cluster.Postgres.RestoreAsync(cluster.ConnectionString, backup);
        cluster.DataSource.Clear();
        Assert.Equal(FaultCluster.Partitions, await BeginningsAsync(cluster));
        await cluster.BeginAsync(2);

        await run.UntilRecoveredAsync();
        await run.FinishAsync();
    }

    /// <returns>Of how many partitions the database knows where they begin, and nothing more.</returns>
    private static async Task<long> BeginningsAsync(FaultCluster cluster)
    {
        await using var command = cluster.DataSource.CreateCommand("SELECT count(*) FROM checkpoints WHERE next_offset = 0");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <returns>How long it took until readings were durable.</returns>
    private async Task<TimeSpan> BeginAnewAsync(FaultRun run)
    {
        var started = TimeProvider.System.GetTimestamp();
        await Cluster.BeginAsync(Silos);
        var ready = TimeProvider.System.GetElapsedTime(started);
        await run.UntilRecoveredAsync();
        var recovery = TimeProvider.System.GetElapsedTime(started);
        run.Print($"ready {ready.TotalSeconds:0.0} s after the start, readings durable after {recovery.TotalSeconds:0.0} s");
        return recovery;
    }

    /// <returns>The sum over all partitions.</returns>
    private async Task<long> CheckpointedAsync()
    {
        await using var command = Cluster.DataSource.CreateCommand("SELECT sum(next_offset)::bigint FROM checkpoints");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
