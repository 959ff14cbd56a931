using System.Diagnostics;
using System.Text.RegularExpressions;
using GrainSensors.EndToEnd.Tests.Deployment;
using GrainSensors.EndToEnd.Tests.Grafana;

namespace GrainSensors.EndToEnd.Tests.Telemetry;

/// <summary>Prometheus and what is asked of it: queries of the dashboards, and alert rules.</summary>
[Trait("Category", "System")]
[Collection(ObservedSiloTests.Name)]
public sealed class PrometheusTests(ObservedSilo observed)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What Prometheus adds by itself.</summary>
    private static readonly string[] OwnSeries = ["up"];

    private static readonly string[] OwnLabels = ["instance", "job"];

    private static IEnumerable<(string Where, string Query)> Queries => Dashboard.All
        .SelectMany(dashboard => dashboard.PrometheusQueries().Select(query => ($"{dashboard}, \"{query.Panel}\"", query.Expression)))
        .Concat(Regex
            .Matches(
                RepositoryFiles.Read("deploy/prometheus/rules.yml"),
                @"expr: (?<expr>[^>\n][^\n]*)|expr: >-\n(?<expr>( {10}[^\n]+\n)+)")
            .Select(match => ("rules.yml", match.Groups["expr"].Value)));

    [Fact]
    public async Task Every_query_names_series_and_labels_that_a_silo_has()
    {
        var metrics = await observed.MetricsAsync();
        Assert.True(Queries.Count() > 30, $"{Queries.Count()} queries");
        Assert.All(Queries, query =>
        {
            Assert.NotEmpty(PromQl.Series(query.Query));
            Assert.All(
                PromQl.Series(query.Query).Except(OwnSeries),
                name => Assert.True(metrics.Names.Contains(name), $"{query.Where}: a silo has no {name}."));
            Assert.All(PromQl.Labels(query.Query).Except(OwnLabels), label => Assert.True(
                metrics.Text.Contains($"{label}=\"", StringComparison.Ordinal), $"{query.Where}: no series has a label {label}."));
        });
    }

    [Fact]
    public async Task Debians_Prometheus_scrapes_a_silo_with_a_key_and_answers_every_query()
    {
        await using var prometheus = await PrometheusServer.StartAsync(new(observed.Silo.Page!), ObservedSilo.Key);

        await Until.Async(
            async () => await prometheus.QueryAsync("min(up{job=\"grainsensors\"})") is [1]
                && await prometheus.QueryAsync("sum(rate(grainsensors_ingest_readings_total[10s]))") is [> 0],
            prometheus.ToString,
            Patience);

        foreach (var (where, query) in Queries)
        {
            // An error of syntax fails in here, with the query.
            var series = await prometheus.QueryAsync(query.Replace("$__rate_interval", "10s", StringComparison.Ordinal));
            Assert.True(where == "rules.yml" || series.Count > 0, $"{where} shows nothing: {query}");
        }

        var rules = (await prometheus.GetAsync("/api/v1/rules"))["groups"]![0]!["rules"]!.AsArray();
        Assert.Equal(8, rules.Count);
        Assert.All(rules, rule => Assert.Equal("ok", rule!["health"]!.GetValue<string>()));
        Assert.All(rules, rule => Assert.Equal("inactive", rule!["state"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Without_a_key_it_gets_nothing()
    {
        await using var prometheus = await PrometheusServer.StartAsync(new(observed.Silo.Page!), "gsk_none");

        await Until.Async(async () => await prometheus.QueryAsync("min(up{job=\"grainsensors\"})") is [0], prometheus.ToString, Patience);
        Assert.Empty(await prometheus.QueryAsync("grainsensors_ingest_readings_total"));
    }

    [Theory]
    [InlineData("check", "config", "deploy/prometheus/prometheus.yml")]
    [InlineData("check", "rules", "deploy/prometheus/rules.yml")]
    [InlineData("test", "rules", "tests/GrainSensors.EndToEnd.Tests/Telemetry/alert-rules.test.yml")]
    public async Task Promtool_finds_nothing_wrong(string verb, string what, string file)
    {
        var program = PrometheusServer.RequireProgram("promtool");
        using var promtool = Process.Start(new ProcessStartInfo(program, [verb, what, RepositoryFiles.PathOf(file)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var cancellation = TestContext.Current.CancellationToken;
        var (output, error) = (promtool.StandardOutput.ReadToEndAsync(cancellation), promtool.StandardError.ReadToEndAsync(cancellation));
        await promtool.WaitForExitAsync(cancellation);

        Assert.True(promtool.ExitCode == 0, await output + await error);
        Assert.Contains("SUCCESS", await output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_alert_is_tried()
    {
        var rules = Regex.Matches(RepositoryFiles.Read("deploy/prometheus/rules.yml"), @"- alert: (\w+)").Select(m => m.Groups[1].Value);
        var tests = RepositoryFiles.Read("tests/GrainSensors.EndToEnd.Tests/Telemetry/alert-rules.test.yml");
        Assert.All(rules, rule => Assert.Matches($@"alertname: {rule}\n\s+eval_time: \w+\n\s+exp_alerts:\n", tests));
    }

    [Fact]
    public void Compose_mounts_the_rules_beside_the_configuration()
    {
        var volumes = ComposeFile.Load().Services["prometheus"].Volumes;
        Assert.Contains("./deploy/prometheus/rules.yml:/etc/prometheus/rules.yml:ro", volumes);
        Assert.Contains("  - rules.yml\n", RepositoryFiles.Read("deploy/prometheus/prometheus.yml"), StringComparison.Ordinal);
    }
}
