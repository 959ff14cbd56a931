using System.CommandLine;
using GrainSensors.Benchmarks.Comparison;

namespace GrainSensors.Benchmarks.Observability;

/// <summary>What it costs to be looked at: without metrics, dashboard and console, with one of them, and with all.</summary>
internal static class ObservabilityScenario
{
    private const string Metrics = "GrainSensors__Telemetry__Metrics";
    private const string Dashboard = "GrainSensors__Http__Dashboard";

    /// <summary>Somebody who loads the fleet again and again costs more than one whose page is kept up to date.</summary>
    private const string Fleet = "/";

    /// <summary>What the dashboard's own page asks for.</summary>
    private static readonly string[] DashboardPaths = ["/dashboard/DashboardCounters", "/dashboard/ClusterStats"];

    private static readonly Contender[] Contenders =
    [
        new("nothing", new Dictionary<string, string> { [Metrics] = "false", [Dashboard] = "false" }),
        new("metrics", new Dictionary<string, string> { [Dashboard] = "false" }, "/metrics"),
        new("dashboard", new Dictionary<string, string> { [Metrics] = "false" }, DashboardPaths),
        new("console", new Dictionary<string, string> { [Metrics] = "false", [Dashboard] = "false" }, Fleet),
        new("all", new Dictionary<string, string>(), ["/metrics", .. DashboardPaths, Fleet]),
    ];

    public static Command Create() => SiloComparison.Create(
        "observability",
        "What metrics, dashboard and console cost a silo, in CPU seconds per million readings, while each is asked for every second.",
        10_000,
        Contenders);
}
