using System.Text.Json;
using GrainSensors.EndToEnd.Tests.Faults;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>The state of a cluster in <c>status</c> and in the dashboard of a silo.</summary>
[Trait("Category", "System")]
public sealed class StatusCommandTests(PostgresServer postgres)
{
    [Fact]
    public async Task A_healthy_cluster_shows_its_silos_and_who_owns_which_partition()
    {
        await using var cluster = await FaultCluster.StartAsync(2, FaultCluster.Quick);
        await using var traffic = new Traffic(cluster.Kafka.Options, seed: 1);
        var output = "";
        await Until.Async(
            async () =>
            {
                // A cluster is also healthy before the first silo has shared its partitions with the second.
                var status = await StatusAsync(cluster, "--json");
                output = status.Output;
                return status.ExitCode == 0 && Owners(output).Count == 2;
            },
            () => $"{output}\n{cluster}",
            TimeSpan.FromSeconds(60));

        using var json = JsonDocument.Parse(output);
        var root = json.RootElement;
        Assert.True(root.GetProperty("is_healthy").GetBoolean());
        var silos = root.GetProperty("silos").EnumerateArray().Select(silo => silo.GetProperty("address").GetString()).ToList();
        var partitions = root.GetProperty("partitions").EnumerateArray().ToList();
        Assert.Equal(2, silos.Count);
        Assert.Equal(
            Enumerable.Range(0, FaultCluster.Partitions), partitions.Select(partition => partition.GetProperty("partition").GetInt32()));
        Assert.Equal(silos.Order(), Owners(output).Order());

        var table = await StatusAsync(cluster);
        Assert.Contains("healthy", table.Output, StringComparison.Ordinal);
        Assert.All(silos, silo => Assert.Contains(silo!, table.Output, StringComparison.Ordinal));
        Assert.DoesNotContain("topsecret", table.Output, StringComparison.Ordinal);

        // The data of the dashboard has all members on each silo.
        foreach (var silo in cluster.Silos)
        {
            using var http = new HttpClient();
            Assert.Contains("<html", await GetAsync(http, $"{silo.Page}/dashboard/"), StringComparison.OrdinalIgnoreCase);
            var counters = "";
            await Until.Async(
                async () =>
                {
                    // The dashboard collects its data every ten seconds.
                    counters = await GetAsync(http, $"{silo.Page}/dashboard/DashboardCounters");
                    return silos.TrueForAll(address => counters.Contains($"\"siloAddress\":\"{address}@", StringComparison.Ordinal));
                },
                () => counters,
                TimeSpan.FromSeconds(60));
        }
    }

    [Fact]
    public async Task Without_a_silo_it_says_so()
    {
        var database = await postgres.CreateDatabaseAsync();
        var migrated = await Command.RunAsync("migrate", "--store", $"postgres:{database}");
        Assert.True(migrated.ExitCode == 0, migrated.ToString());

        (await Command.RunAsync("status", "--postgres", database)).AssertCouldNotRun("No silo of the cluster \"grainsensors\"");
    }

    [Fact]
    public async Task A_database_without_a_cluster_is_told_apart() =>
        (await Command.RunAsync("status", "--postgres", await postgres.CreateDatabaseAsync())).AssertCouldNotRun("holds no cluster");

    private static HashSet<string?> Owners(string status)
    {
        using var json = JsonDocument.Parse(status);
        var partitions = json.RootElement.GetProperty("partitions").EnumerateArray();
        return partitions.Select(partition => partition.GetProperty("owner").GetString()).ToHashSet();
    }

    private static Task<string> GetAsync(HttpClient http, string url) =>
        http.GetStringAsync(new Uri(url), TestContext.Current.CancellationToken);

    private static Task<Executable.Result> StatusAsync(FaultCluster cluster, params string[] options) =>
        Executable.RunAsync(["status", "--postgres", cluster.ConnectionString, .. options]);
}
