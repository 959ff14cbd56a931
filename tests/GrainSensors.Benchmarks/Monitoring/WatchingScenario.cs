using System.CommandLine;
using System.Globalization;
using GrainSensors.Benchmarks.Feeding;
using GrainSensors.Benchmarks.Ingest;
using GrainSensors.Benchmarks.Product;
using GrainSensors.Benchmarks.Servers;

namespace GrainSensors.Benchmarks.Monitoring;

/// <summary>What it costs the pipeline to watch sensors: a silo works off the same log with monitors and without, in turn.</summary>
internal static class WatchingScenario
{
    private const string Watched = "watched";
    private const string Unwatched = "unwatched";
    private static readonly TimeSpan Age = TimeSpan.FromDays(1);

    public static Command Create()
    {
        var sensors = new Option<int>("--sensors") { DefaultValueFactory = _ => 100_000 };
        var readings = new Option<long>("--readings") { Description = "In the log.", DefaultValueFactory = _ => 2_000_000 };
        var warmUp = new Option<long>("--warm-up") { Description = "So many of them come before those that are measured.", DefaultValueFactory = _ => 500_000 };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3 };
        var command = new Command("watching", "What monitors add to the cost of a reading, in CPU seconds per million.") { sensors, readings, warmUp, rounds };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(sensors), parsed.GetValue(readings), parsed.GetValue(warmUp), parsed.GetValue(rounds), cancellation));
        return command;
    }

    private static async Task RunAsync(int sensors, long readings, long warmUp, int rounds, CancellationToken cancellationToken)
    {
        const int Partitions = 32;
        var from = DateTimeOffset.UtcNow.Subtract(Age).ToUnixTimeSeconds() - (readings / sensors);
        using var log = BatchFile.Create(new BatchSequence(sensors, from, Partitions).Take(readings), _ => { }, cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{readings:N0} readings of {sensors:N0} sensors, {warmUp:N0} of them to warm up"));
        Console.WriteLine($"{"",-16}{"readings/s",12}{"CPU s/M",9}{"peak MB",9}");
        var costs = new Dictionary<string, List<double>> { [Unwatched] = [], [Watched] = [] };
        for (var round = 1; round <= rounds; round++)
        {
            // Each time the other one is first, should the machine get slower or faster meanwhile.
            foreach (var contender in round % 2 == 0 ? new[] { Watched, Unwatched } : [Unwatched, Watched])
            {
                var result = await MeasureAsync(contender);
                costs[contender].Add(result.CpuPerMillion);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{round,-3}{contender,-13}{result.Rate,12:N0}{result.CpuPerMillion,9:0.000}{result.Usage.PeakResident / 1e6,9:N0}{(result.IsExact ? "" : "  NOT EXACT")}"));
            }
        }

        var (without, with) = (Median(costs[Unwatched]), Median(costs[Watched]));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"   medians {without:0.000} and {with:0.000} CPU s a million: monitors add {(with / without) - 1:+0.0 %;-0.0 %}"));

        async Task<IngestRound> MeasureAsync(string contender)
        {
            await using var topic = await ReadingTopic.CreateAsync(null, Partitions, cancellationToken);
            await using var database = await ScratchDatabase.CreateAsync(null);
            await using var feeder = await FeederProcess.OfAsync(topic, log);
            var settings = new Dictionary<string, string> { ["GrainSensors__Monitor__Enabled"] = contender == Watched ? "true" : "false" };
            await using var run = await ProductRun.StartAsync(1, topic, database.ConnectionString, settings, cancellationToken);
            var (start, end) = await WorkOff.RunAsync(run, feeder, readings, warmUp, hurry: true, _ => { }, cancellationToken);
            return new(readings - warmUp, start, end, await run.CountAsync(cancellationToken) == readings, run.Usage(start, end));
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
