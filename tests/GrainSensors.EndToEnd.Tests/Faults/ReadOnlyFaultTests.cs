using System.Net;
using System.Text.RegularExpressions;
using Npgsql;

namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>A PostgreSQL that answers and takes no writes.</summary>
[Trait("Category", "System")]
[Collection(FaultCollections.Servers)]
public sealed partial class ReadOnlyFaultTests
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Rows_flow_again_within_15_s_after_the_database_is_writable_and_the_log_stays_short()
    {
        await using var cluster = await FaultCluster.StartAsync(1, FaultCluster.Quick);
        await using var run = new FaultRun("read-only", cluster, 1400);
        var administrator = new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Database = "postgres" }.ConnectionString;
        await using var server = NpgsqlDataSource.Create(administrator);
        var database = new NpgsqlConnectionStringBuilder(cluster.ConnectionString).Database;
        await run.UntilFlowingAsync();
        await server.ExecuteAsync($"ALTER DATABASE {database} SET default_transaction_read_only = on");
        await server.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'");

        // The store answers, and the checkpoints fail: both make the silo not ready.
        var silo = cluster.Silos[0];
        await Until.Async(
            async () => (await silo.HealthBodyAsync("ready")).Contains("no checkpoint of partition", StringComparison.Ordinal),
            () => silo.ToString(),
            TimeSpan.FromSeconds(60));

        // The first failures are those of the sessions that were ended.
        await Until.Async(
            async () => (await silo.HealthBodyAsync("ready")).Contains("SQLSTATE 25006", StringComparison.Ordinal),
            () => silo.HealthBodyAsync("ready").GetAwaiter().GetResult(),
            TimeSpan.FromSeconds(30));
        Assert.Contains($"/{database} is read-only", await silo.HealthBodyAsync("ready"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await silo.HealthAsync("ready"));
        Assert.Equal(HttpStatusCode.OK, await silo.HealthAsync("live"));
        await run.FlowAsync(10);

        await server.ExecuteAsync($"ALTER DATABASE {database} SET default_transaction_read_only = off");
        var recovery = await run.UntilRecoveredAsync();
        run.Print($"durable {recovery.TotalSeconds:0.0} s after the database was writable");
        Assert.InRange(recovery, TimeSpan.Zero, Recovery);
        await Until.Async(
            async () => await silo.HealthAsync("ready") == HttpStatusCode.OK, () => silo.ToString(), TimeSpan.FromSeconds(30));
        await run.FinishAsync();

        await Until.Async(
            () => silo.Process.Errors.Any(line => line.Contains("[1104]", StringComparison.Ordinal)),
            () => silo.ToString(),
            TimeSpan.FromSeconds(30));

        // On a busy machine the outage may last for minutes, and each of those has a line. Without limit there were hundreds.
        var outage = silo.Process.Errors.Where(line => Outage().IsMatch(line)).ToList();
        Assert.True(outage.Count is >= 2 and <= 6, string.Join('\n', outage));
        var noise = silo.Process.Errors.Where(line => !line.Contains(": GrainSensors.", StringComparison.Ordinal)).ToList();
        run.Print($"{silo.Process.Errors.Count} lines in the log, {noise.Count} of them of Orleans");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', noise.Select(line => line[..Math.Min(line.Length, 400)])));
    }

    /// <summary>The beginning of an outage, its course, and its end.</summary>
    [GeneratedRegex(@"\[(1101|1040|1103|1104)\]")]
    private static partial Regex Outage();
}
