using System.CommandLine;
using GrainSensors.Benchmarks.Comparison;

namespace GrainSensors.Benchmarks.Observability;

/// <summary>What it costs to be looked at: without metrics and dashboard, with the one, with the other, and with both.</summary>
internal static class ObservabilityScenario
{
    private const string Metrics = "GrainSensors__Telemetry__Metrics";
    private const string Dashboard = "GrainSensors__Http__Dashboard";

    private static readonly Contender[] Contenders =
    [
        new("neither", new Dictionary<string, string> { [Metrics] = "false", [Dashboard] = "false" }),
        new("metrics", new Dictionary<string, string> { [Dashboard] = "false" }, "/metrics"),
        new("dashboard", new Dictionary<string, string> { [Metrics] = "false" }, "/dashboard/DashboardCounters", "/dashboard/ClusterStats"),
        new("both", new Dictionary<string, string>(), "/metrics", "/dashboard/DashboardCounters", "/dashboard/ClusterStats"),
    ];

    public static Command Create() => SiloComparison.Create(
        "observability", "What metrics and dashboard cost a silo, in CPU seconds per million readings, while they are asked for every second.", 10_000, Contenders);
}
