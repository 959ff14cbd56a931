using System.Text.Json;

namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>A silo of an older level among newer ones, as during a rolling upgrade, while silos die.</summary>
[Trait("Category", "System")]
[Collection(FaultCollections.Silos)]
public sealed class FeatureLevelTests(QuickCluster fixture) : QuickClusterTests(fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly Dictionary<string, string> Older = new() { ["GRAINSENSORS_FEATURE_LEVEL"] = "0" };

    [Theory]
    [MemberData(nameof(FaultSeeds.All), MemberType = typeof(FaultSeeds))]
    public async Task The_cluster_has_the_lower_level_until_the_older_silo_has_left(int seed)
    {
        await using var run = new FaultRun("two feature levels", Cluster, seed + 400);
        await run.UntilFlowingAsync();
        await UntilLevelAsync(2);

        var older = Cluster.Begin(with: Older);
        await UntilLevelAsync(0);
        await run.UntilFlowingAsync();

        var victim = Cluster.Silos[run.Random.Next(Cluster.Silos.Count - 1)];
        await victim.KillAsync();
        await Cluster.RemoveAsync(victim);
        Cluster.Begin();
        await run.FlowAsync(2 + run.Random.NextDouble());
        await UntilLevelAsync(0);
        await run.UntilFlowingAsync();
        Assert.Equal(0, await LevelAsync(Cluster.Silos[0]));

        await older.KillAsync();
        await Cluster.RemoveAsync(older);
        await UntilLevelAsync(2);
        await run.UntilFlowingAsync();
        await run.FinishAsync();
        Assert.Contains(Cluster.Silos[0].Process.Errors, line => line.Contains("has changed from 0 to 2", StringComparison.Ordinal));
    }

    /// <summary>Waits until every silo reports the level.</summary>
    private Task UntilLevelAsync(int level) => Until.Async(
        async () => (await Task.WhenAll(Cluster.Silos.Select(LevelAsync))).All(reported => reported == level),
        () => $"the level is not {level}; {Cluster}",
        Patience);

    /// <returns>null: the silo does not answer.</returns>
    private static async Task<int?> LevelAsync(SiloProcess silo)
    {
        if (silo.Page is null)
        {
            return null;
        }

        try
        {
            using var health = JsonDocument.Parse(await silo.HealthBodyAsync("ready"));
            return health.RootElement.GetProperty("feature_level").GetInt32();
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }
}
