using GrainSensors.Core.Windows;

namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>Sensors that have names, of many kinds, while silos die.</summary>
[Trait("Category", "System")]
[Collection(FaultCollections.Silos)]
public sealed class HeterogeneousFleetTests
{
    private const int Silos = 2;

    private static readonly Period Period = Period.FromSeconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly int MinKills = FaultSeeds.IsLong ? 10 : 2;
    private static readonly int MaxKills = MinKills + 8;

    private static readonly Dictionary<string, string> Settings = new(FaultCluster.Quick) { ["Period"] = Period.ToString() };

    [Theory]
    [MemberData(nameof(FaultSeeds.Few), MemberType = typeof(FaultSeeds))]
    public async Task Killed_silos_lose_nothing_of_ten_thousand_named_sensors(int seed)
    {
        await using var cluster = await FaultCluster.StartAsync(Silos, Settings);
        await using var fleet = new HeterogeneousFleet(cluster.Kafka.Options, DeviceKind.Fleet, Period, seed);
        await using var delays = new Delays(cluster.DataSource, fleet.Producer);
        var (random, kills, rewinds) = (new Random(seed), 0, 0);
        await UntilAsync(cluster, () => Task.FromResult(fleet.Producer.Acknowledged > 10_000), "there are no readings");
        while (true)
        {
            var (from, wait) = (TimeProvider.System.GetTimestamp(), 2 + (random.NextDouble() * 4));
            await UntilAsync(
                cluster, () => Task.FromResult(TimeProvider.System.GetElapsedTime(from).TotalSeconds > wait), "time stands still");

            // Silos that die before they miss the other one rewind nothing.
            if (kills == MaxKills || (kills >= MinKills && rewinds + cluster.Silos.Sum(Rewinds) > 0))
            {
                break;
            }

            kills++;
            var victim = cluster.Silos[random.Next(cluster.Silos.Count)];
            await victim.KillAsync();
            rewinds += Rewinds(victim);
            await cluster.RemoveAsync(victim);
            cluster.Begin();
        }

        await fleet.StopAsync();
        await UntilAsync(cluster, () => delays.AreOverAsync(fleet.Producer.LastOffsets), "not everything becomes durable");
        rewinds += cluster.Silos.Sum(Rewinds);
        var rows = await fleet.RowsAsync(cluster);
        var (lost, twice) = fleet.Readings.Compare(rows);
        Figures.Print(
            $"heterogeneous fleet, seed {seed}: {fleet.Producer.Acknowledged} readings of "
            + $"{DeviceKind.Fleet.Sum(kind => kind.Sensors)} sensors, {kills} kills, {rewinds} rewinds, "
            + $"{rows.Count} windows compared, {lost} lost, {twice} double");
        fleet.Readings.AssertExact(rows, final: false);
        Assert.True(rewinds > 0, "no partition has been rewound");
    }

    private static int Rewinds(SiloProcess silo) =>
        silo.Process.Errors.Count(line => line.Contains("rewinds to offset", StringComparison.Ordinal));

    private static Task UntilAsync(FaultCluster cluster, Func<Task<bool>> condition, string trouble) => Until.Async(
        async () =>
        {
            await cluster.SuperviseAsync();
            return await condition();
        },
        () => $"{trouble}; {cluster}",
        Patience);
}
