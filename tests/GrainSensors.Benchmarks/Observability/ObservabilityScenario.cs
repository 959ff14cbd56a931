using System.CommandLine;
using GrainSensors.Benchmarks.Comparison;

namespace GrainSensors.Benchmarks.Observability;

<<<<<<< HEAD
/// <summary>
/// What it costs to be looked at: one silo works off the same log without metrics, dashboard and console, with one of them,
/// and with all, in turn, while somebody asks for what there is every second.
/// </summary>
=======
/// <summary>What it costs to be looked at: without metrics and dashboard, with the one, with the other, and with both.</summary>
>>>>>>> bench2
internal static class ObservabilityScenario
{
    private const string Metrics = "GrainSensors__Telemetry__Metrics";
    private const string Dashboard = "GrainSensors__Http__Dashboard";

    /// <summary>What the dashboard's own page asks for.</summary>
    private static readonly string[] DashboardPaths = ["/dashboard/DashboardCounters", "/dashboard/ClusterStats"];

    /// <summary>Somebody who loads the fleet again and again costs more than one whose page is kept up to date.</summary>
    private const string Fleet = "/";

    private static readonly Contender[] Contenders =
    [
<<<<<<< HEAD
        new("nothing", new() { [Metrics] = "false", [Dashboard] = "false" }, []),
        new("metrics", new() { [Dashboard] = "false" }, ["/metrics"]),
        new("dashboard", new() { [Metrics] = "false" }, DashboardPaths),
        new("console", new() { [Metrics] = "false", [Dashboard] = "false" }, [Fleet]),
        new("all", [], ["/metrics", .. DashboardPaths, Fleet]),
    ];

    public static Command Create()
    {
        var sensors = new Option<int>("--sensors") { DefaultValueFactory = _ => 10_000 };
        var readings = new Option<long>("--readings") { Description = "In the log.", DefaultValueFactory = _ => 8_000_000 };
        var warmUp = new Option<long>("--warm-up") { Description = "So many of them come before those that are measured.", DefaultValueFactory = _ => 2_000_000 };
        var partitions = new Option<int>("--partitions") { Description = "Of the embedded broker.", DefaultValueFactory = _ => 32 };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3 };
        var command = new Command("observability", "What metrics, dashboard and console cost a silo, in CPU seconds per million readings.") { sensors, readings, warmUp, partitions, rounds };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(sensors), parsed.GetValue(readings), parsed.GetValue(warmUp), parsed.GetValue(partitions), parsed.GetValue(rounds), cancellation));
        return command;
    }

    private static async Task RunAsync(int sensors, long readings, long warmUp, int partitions, int rounds, CancellationToken cancellationToken)
    {
        var from = DateTimeOffset.UtcNow.Subtract(Age).ToUnixTimeSeconds() - (readings / sensors);
        using var log = BatchFile.Create(new BatchSequence(new(sensors, from), sensors, partitions).Take(readings), _ => { }, cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{readings:N0} readings of {sensors:N0} sensors, {warmUp:N0} of them to warm up"));
        Console.WriteLine($"{"",-16}{"readings/s",12}{"CPU s/M",9}{"answers",9}");
        var costs = Contenders.ToDictionary(contender => contender.Name, _ => new List<double>());
        for (var round = 1; round <= rounds; round++)
        {
            // Each time another one is first, should the machine get slower or faster meanwhile.
            foreach (var contender in Contenders.Skip(round % Contenders.Length).Concat(Contenders.Take(round % Contenders.Length)))
            {
                var (result, answers) = await MeasureAsync(contender);
                costs[contender.Name].Add(result.CpuPerMillion);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{round,-3}{contender.Name,-13}{result.Rate,12:N0}{result.CpuPerMillion,9:0.000}{answers,9}{(result.IsExact ? "" : "  NOT EXACT")}"));
            }
        }

        var without = Median(costs["nothing"]);
        foreach (var (name, cost) in costs)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"   {name,-13}{"median",12}{Median(cost),9:0.000}{(Median(cost) / without) - 1,9:+0.0 %;-0.0 %}"));
        }

        async Task<(IngestRound Result, int Answers)> MeasureAsync(Contender contender)
        {
            await using var database = await ScratchDatabase.CreateAsync(null);
            await using var topic = await ReadingTopic.CreateAsync(null, partitions, cancellationToken);
            await using var run = await ProductRun.StartAsync(1, topic, database.ConnectionString, contender.Settings, cancellationToken);
            await using var feeder = await FeederProcess.StartAsync(topic, log);
            await using var watcher = contender.Paths.Length == 0 ? null : new Watcher(run.Page, contender.Paths);
            var (from, to) = await run.WorkOffAsync(feeder, readings, warmUp, hurry: true, _ => { }, cancellationToken);
            var isExact = await run.CountAsync(cancellationToken) == readings;
            return (new(readings - warmUp, from, to, isExact, run.Usage(from, to)), watcher?.Answers ?? 0);
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <param name="Settings">Of the silo.</param>
    /// <param name="Paths">What is asked for every second.</param>
    private sealed record Contender(string Name, Dictionary<string, string> Settings, string[] Paths);
=======
        new("neither", new Dictionary<string, string> { [Metrics] = "false", [Dashboard] = "false" }),
        new("metrics", new Dictionary<string, string> { [Dashboard] = "false" }, "/metrics"),
        new("dashboard", new Dictionary<string, string> { [Metrics] = "false" }, "/dashboard/DashboardCounters", "/dashboard/ClusterStats"),
        new("both", new Dictionary<string, string>(), "/metrics", "/dashboard/DashboardCounters", "/dashboard/ClusterStats"),
    ];

    public static Command Create() => SiloComparison.Create(
        "observability", "What metrics and dashboard cost a silo, in CPU seconds per million readings, while they are asked for every second.", 10_000, Contenders);
>>>>>>> bench2
}
