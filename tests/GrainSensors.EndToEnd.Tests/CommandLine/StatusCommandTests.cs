using System.Text.Json;
using GrainSensors.EndToEnd.Tests.Faults;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>What <c>status</c> and the pages of a silo show of a cluster.</summary>
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
                // A silo that has all partitions and is about to share them is a healthy cluster too.
                var status = await StatusAsync(cluster, "--json");
                output = status.Output;
                return status.ExitCode == 0 && Owners(output).Count == 2;
            },
            () => $"{output}\n{cluster}",
            TimeSpan.FromSeconds(60));

        using var json = JsonDocument.Parse(output);
        var root = json.RootElement;
        Assert.True(root.GetProperty("isHealthy").GetBoolean());
        var silos = root.GetProperty("silos").EnumerateArray().Select(silo => silo.GetProperty("address").GetString()).ToList();
        var partitions = root.GetProperty("partitions").EnumerateArray().ToList();
        Assert.Equal(2, silos.Count);
        Assert.Equal(Enumerable.Range(0, FaultCluster.Partitions), partitions.Select(partition => partition.GetProperty("partition").GetInt32()));
        Assert.Equal(silos.Order(), Owners(output).Order());

        var table = await StatusAsync(cluster);
        Assert.Contains("healthy", table.Output, StringComparison.Ordinal);
        Assert.All(silos, silo => Assert.Contains(silo!, table.Output, StringComparison.Ordinal));
        Assert.DoesNotContain("topsecret", table.Output, StringComparison.Ordinal);

        // The dashboard's own data has all members, whichever silo serves it.
        foreach (var silo in cluster.Silos)
        {
            using var http = new HttpClient();
            Assert.Contains("<html", await http.GetStringAsync(new Uri($"{silo.Page}/dashboard/"), TestContext.Current.CancellationToken), StringComparison.OrdinalIgnoreCase);
            var counters = "";
            await Until.Async(
                async () =>
                {
                    // It is put together anew every ten seconds.
                    counters = await http.GetStringAsync(new Uri($"{silo.Page}/dashboard/DashboardCounters"), TestContext.Current.CancellationToken);
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
        return json.RootElement.GetProperty("partitions").EnumerateArray().Select(partition => partition.GetProperty("owner").GetString()).ToHashSet();
    }

    private static Task<Executable.Result> StatusAsync(FaultCluster cluster, params string[] options) =>
        Executable.RunAsync(["status", "--postgres", cluster.ConnectionString, .. options]);
}
