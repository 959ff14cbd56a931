using GrainSensors.Core.Readings;
using GrainSensors.EndToEnd.Tests.Reconciliation;

namespace GrainSensors.EndToEnd.Tests.Faults.Doors;

/// <summary>
/// Sensors that report by the contract, Avro, MQTT, line protocol and HTTP at once, while silos die. MQTT may deliver a message again,
/// and clients of HTTP repeat a request whose answer was lost, so that some readings are in the log twice.
/// </summary>
[Trait("Category", "System")]
[Collection(FaultCollections.Silos)]
public sealed class AllDoorsTests
{
    private const int Silos = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly int Kills = FaultSeeds.IsLong ? 10 : 2;

    [Theory]
    [MemberData(nameof(FaultSeeds.Few), MemberType = typeof(FaultSeeds))]
    public Task Each_message_of_the_log_counts_once(int seed) => RunAsync(seed, deduplicates: false);

    [Theory]
    [MemberData(nameof(FaultSeeds.Few), MemberType = typeof(FaultSeeds))]
    public Task With_Deduplicate_each_reading_that_a_device_has_sent_counts_once(int seed) => RunAsync(seed, deduplicates: true);

    private static async Task RunAsync(int seed, bool deduplicates)
    {
        await using var fleet = await DoorFleet.StartAsync(seed);
        var settings = FaultCluster.Quick.Concat(fleet.Settings).Append(new("Deduplicate", $"{deduplicates}")).ToDictionary();
        await using var cluster = await FaultCluster.StartAsync(Silos, settings, fleet.Kafka);
        fleet.Begin();
        await UntilAsync(cluster, fleet, () => Task.FromResult(fleet.IsFlowing), "there are no readings");
        var (random, rewinds) = (new Random(seed), 0);
        for (var kill = 0; kill < Kills; kill++)
        {
            // The others take requests when a silo dies in the middle of some.
            await UntilAsync(cluster, fleet, () => Task.FromResult(fleet.Knows(Silos)), "silos serve no requests");
            var (from, wait) = (TimeProvider.System.GetTimestamp(), 2 + (random.NextDouble() * 4));
            await UntilAsync(
                cluster, fleet, () => Task.FromResult(TimeProvider.System.GetElapsedTime(from).TotalSeconds > wait), "time stands still");
            var victim = cluster.Silos[0];
            await victim.KillAsync();
            rewinds += Rewinds(victim);
            await cluster.RemoveAsync(victim);
            cluster.Begin();
        }

        var stopped = fleet.StopAsync();
        await UntilAsync(cluster, fleet, () => Task.FromResult(stopped.IsCompleted), "doors do not acknowledge");
        await stopped;
        await UntilAsync(cluster, fleet, () => Task.FromResult(fleet.IsLogged()), "messages are not in Kafka");
        await UntilAsync(cluster, fleet, () => IsDurableAsync(cluster, fleet), "not everything becomes durable");

        var (expected, readings, again) = fleet.Expect(deduplicates);
        var rows = await fleet.RowsAsync(cluster);
        var (lost, twice) = expected.Compare(rows);
        Figures.Print(
            $"all doors{(deduplicates ? " with Deduplicate" : "")}, seed {seed}: {readings} readings sent, {Kills} kills, "
            + $"{rewinds + cluster.Silos.Sum(Rewinds)} rewinds, {fleet.Repeated} requests repeated, {again} messages in the log again, "
            + $"{rows.Count} windows compared, {lost} lost, {twice} double");
        expected.AssertExact(rows, final: false);
        Assert.Equal(0, LogContents.Count(cluster.Kafka.Options, cluster.Kafka.Options.DeadLetterTopic));
        await UntilAsync(cluster, fleet, () => IsClosedAsync(cluster), "windows do not close");
        var reconciled = await ReconcileProgram.RunAsync(cluster.Settings, "--last", "12h", "--dry-run");

        // Those of hours ago are older than the discovery of measurements that are not declared.
        var declared = rows.Keys.Count(key => MeasurementSet.Default.IndexOf(key.Measurement) >= 0);
        Assert.Equal((0, 0, declared), (reconciled["differences"], reconciled["left_alone"], reconciled["compared"]));
    }

    private static async Task<bool> IsDurableAsync(FaultCluster cluster, DoorFleet fleet)
    {
        await using var command = cluster.DataSource.CreateCommand("SELECT coalesce(sum(next_offset), 0)::bigint FROM checkpoints");
        return (long)(await command.ExecuteScalarAsync())! == LogContents.Count(cluster.Kafka.Options, fleet.Topics);
    }

    private static async Task<bool> IsClosedAsync(FaultCluster cluster)
    {
        await using var command = cluster.DataSource.CreateCommand("SELECT NOT EXISTS (SELECT FROM windows WHERE NOT is_final)");
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    private static int Rewinds(SiloProcess silo) =>
        silo.Process.Errors.Count(line => line.Contains("rewinds to offset", StringComparison.Ordinal));

    private static Task UntilAsync(FaultCluster cluster, DoorFleet fleet, Func<Task<bool>> condition, string trouble) => Until.Async(
        async () =>
        {
            await cluster.SuperviseAsync();
            await fleet.WatchAsync(cluster);
            return await condition();
        },
        () => $"{trouble}; {fleet}\n{cluster}",
        Patience);
}
