using System.CommandLine;
using GrainSensors.Benchmarks.Comparison;

namespace GrainSensors.Benchmarks.Monitoring;

/// <summary>What it costs the pipeline to watch sensors: without monitors and with them.</summary>
internal static class WatchingScenario
{
    private const string Enabled = "GrainSensors__Monitor__Enabled";

    private static readonly Contender[] Contenders =
    [
        new("unwatched", new Dictionary<string, string> { [Enabled] = "false" }),
        new("watched", new Dictionary<string, string> { [Enabled] = "true" }),
    ];

    public static Command Create() => SiloComparison.Create(
        "watching", "What monitors add to the cost of a reading, in CPU seconds per million.", 100_000, Contenders);
}
