using System.Net;
using GrainSensors.EndToEnd.Tests.Faults;
using Npgsql;

namespace GrainSensors.EndToEnd.Tests.Deployment;

/// <summary>A silo whose role of the database owns no table.</summary>
[Trait("Category", "System")]
public sealed class SiloRoleTests(PostgresServer server)
{
    [Fact]
    public async Task A_silo_starts_writes_and_stops_with_the_role_of_the_deployment_files()
    {
        var role = await SiloRole.CreateAsync(server, MigrateAsync);
        await using var cluster = await FaultCluster.StartAsync(
            1, FaultCluster.Quick.Append(new("Postgres__ConnectionString", role.Silo)).ToDictionary());
        await using var traffic = new Traffic(cluster.Kafka.Options, seed: 1);
        await using var database = NpgsqlDataSource.Create(role.Owner);
        await Until.Async(
            async () => (await database.SelectAsync("SELECT count(*) FROM sensor_windows WHERE is_final"))[0][0] is > 0L,
            cluster.ToString,
            TimeSpan.FromSeconds(60));
        await traffic.StopAsync();

        Assert.Equal(HttpStatusCode.OK, await cluster.Silos[0].HealthAsync("ready"));
        var errors = cluster.Silos[0].Process.Errors;
        Assert.DoesNotContain(errors, line => line.Contains("permission denied", StringComparison.Ordinal));
        await cluster.TerminateAllAsync();
    }

    private static async Task MigrateAsync(string owner)
    {
        var migrated = await Command.RunAsync("migrate", "--store", $"postgres:{owner}");
        Assert.True(migrated.ExitCode == 0, migrated.ToString());
    }
}
