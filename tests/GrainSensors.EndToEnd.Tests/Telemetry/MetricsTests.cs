using System.Net;
using System.Text.RegularExpressions;
using GrainSensors.EndToEnd.Tests.Faults;

namespace GrainSensors.EndToEnd.Tests.Telemetry;

/// <summary>The metrics of a running silo.</summary>
[Trait("Category", "System")]
[Collection(ObservedSiloTests.Name)]
public sealed class MetricsTests(ObservedSilo observed)
{
    [Fact]
    public async Task Readings_and_what_is_none_are_counted()
    {
        var sent = observed.Traffic.Producer.Acknowledged;

        var metrics = await observed.UntilAsync(metrics => metrics.Sum("grainsensors_ingest_readings_total") + 1 >= sent);

        Assert.Equal(1, metrics.Sum("grainsensors_ingest_rejected_messages_total", "reason=\"not-json\""));
        Assert.Equal(1, metrics.Sum("grainsensors_ingest_rejected_messages_total"));
        Assert.InRange(metrics.Sum("grainsensors_ingest_late_readings_total"), 1, observed.Traffic.Producer.Acknowledged);
        Assert.True(metrics.Sum("grainsensors_ingest_batch_size_sum") >= sent - 1);
        Assert.Equal(0, metrics.Sum("grainsensors_ingest_missed_messages_total"));
        Assert.Equal(0, metrics.Sum("grainsensors_ingest_rewinds_total"));
    }

    [Fact]
    public async Task What_is_in_the_store_is_counted_and_how_long_it_took()
    {
        var metrics = await observed.MetricsAsync();

        Assert.True(metrics.Sum("grainsensors_store_written_rows_total") > 0);
        Assert.True(metrics.Sum("grainsensors_store_commits_total") > 0);
        Assert.Equal(0, metrics.Sum("grainsensors_store_conflicts_total"));
        Assert.True(metrics.Sum("grainsensors_ingest_checkpoint_duration_seconds_count") > 0);

        // A checkpoint a second: nothing can be durable at once, nor should it take long.
        var seconds = metrics.Sum("grainsensors_ingest_latency_seconds_sum");
        var count = metrics.Sum("grainsensors_ingest_latency_seconds_count");
        Assert.InRange(seconds / count, 0.01, 30);
        Assert.True(metrics.Sum("grainsensors_ingest_open_windows") > 0);
    }

    [Fact]
    public async Task Every_partition_tells_its_lag_and_the_age_of_its_checkpoint()
    {
        string[] names =
        [
            "grainsensors_ingest_lag",
            "grainsensors_ingest_checkpoint_age_seconds",
            "grainsensors_ingest_open_windows",
            "grainsensors_ingest_stalled_partitions",
        ];
        bool IsThere(Exposition metrics, string name, int partition) =>
            Regex.IsMatch(metrics.Text, $$"""(?m)^{{name}}\{[^}]*messaging_destination_partition_id="{{partition}}"[^}]*\} """);

        // During a rebalance a partition is assigned to no silo; assigned, it has all of its metrics at once.
        var partitions = Enumerable.Range(0, FaultCluster.Partitions).ToList();
        var metrics = await observed.UntilAsync(
            metrics => partitions.TrueForAll(partition => IsThere(metrics, "grainsensors_ingest_lag", partition)));

        Assert.All(partitions, partition => Assert.All(names, name => Assert.True(
            IsThere(metrics, name, partition), $"{name} of partition {partition} is missing in\n{metrics.Text}")));
    }

    [Theory]
    [InlineData("orleans_")]
    [InlineData("db_client_")]
    [InlineData("dotnet_")]
    [InlineData("http_server_")]
    public async Task Those_of_Orleans_Npgsql_the_runtime_and_the_web_server_are_there(string prefix) =>
        Assert.Contains((await observed.MetricsAsync()).Names, name => name.StartsWith(prefix, StringComparison.Ordinal));

    [Fact]
    public async Task The_documented_metrics_are_those_that_there_are()
    {
        var rows = Regex.Matches(RepositoryFiles.Read("docs/observability.md"), @"(?m)^\| `([a-z_]+)`");
        var documented = rows.Select(m => m.Groups[1].Value).Order().ToList();

        var metrics = await observed.MetricsAsync();

        var types = Regex.Matches(metrics.Text, @"(?m)^# TYPE (grainsensors_\w+) ").Select(m => m.Groups[1].Value).Order().ToList();
        Assert.Equal(types, documented);
    }

    [Fact]
    public async Task Neither_metrics_nor_dashboard_are_for_strangers()
    {
        using var http = new HttpClient();
        foreach (var path in new[] { "/metrics", "/dashboard/", "/dashboard/DashboardCounters", "/" })
        {
            using var refused = await http.GetAsync(new Uri(observed.Silo.Page + path), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, await observed.Silo.HealthAsync("ready"));
        using var dashboard = new HttpRequestMessage(HttpMethod.Get, $"{observed.Silo.Page}/dashboard/");
        dashboard.Headers.Add("X-Api-Key", ObservedSilo.Key);
        using var page = await http.SendAsync(dashboard, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task They_hold_no_secret()
    {
        var metrics = await observed.MetricsAsync();

        Assert.DoesNotContain("topsecret", metrics.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(ObservedSilo.Key, metrics.Text, StringComparison.Ordinal);
    }
}
