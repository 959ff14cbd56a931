using System.CommandLine;
using System.Globalization;
using GrainSensors.Benchmarks.CommandLine;

namespace GrainSensors.Benchmarks.Streams;

/// <summary>
/// How many messages a second the Kafka stream provider delivers to grains, by the number of streams, with its own cache and
/// with Orleans' SimpleQueueCache behind the same adapter. The silo is in this process, the embedded broker and who feeds it are not.
/// </summary>
internal static class StreamsScenario
{
    private const string Indexed = "indexed";
    private const string Simple = "simple";

    private const int WarmUpStreams = 1_000;

    /// <summary>The longest time until each stream was given its first message.</summary>
    private static readonly TimeSpan FirstMessages = TimeSpan.FromMinutes(1);

    public static Command Create()
    {
        var streams = new Option<int[]>("--streams")
        {
            HelpName = "N",
            Description = "Numbers of streams",
            DefaultValueFactory = _ => [100, 1_000, 10_000, 100_000],
            AllowMultipleArgumentsPerToken = true,
        };
        var messages = NumberOption.Of("--messages", "Of a measurement, one after the other for each stream", 2_000_000, 1, 100_000_000);
        var seconds = NumberOption.Of("--seconds", "The longest time of a measurement", 10, 1, 3600);
        var cache = new Option<string[]>("--cache")
        {
            Description = "indexed: the provider as it is; simple: with SimpleQueueCache",
            DefaultValueFactory = _ => [Indexed, Simple],
            AllowMultipleArgumentsPerToken = true,
        };
        cache.AcceptOnlyFromAmong(Indexed, Simple);
        var json = ServerOptions.Json();
        var command = new Command("streams", "How many messages a second Kafka streams deliver to grains.")
        {
            streams, messages, seconds, cache, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(streams)!,
            parsed.GetValue(messages),
            TimeSpan.FromSeconds(parsed.GetValue(seconds)),
            parsed.GetValue(cache)!,
            parsed.GetValue(json),
            cancellation));
        return command;
    }

    /// <param name="FirstMessages">A second, while grains and streams become known.</param>
    /// <param name="Cpu">µs of the process for a delivery.</param>
    /// <param name="Allocated">Managed bytes for a delivery.</param>
    /// <param name="BytesPerStream">Managed.</param>
    private sealed record Result(
        string Cache, int Streams, double FirstMessages, double Deliveries, double Cpu, double Allocated, long BytesPerStream);

    private static async Task RunAsync(
        int[] numbers, int messages, TimeSpan longest, string[] caches, bool json, CancellationToken cancellationToken)
    {
        using var progress = new Progress();
        var table = new ResultTable<Result>(
            progress,
            json,
            new("cache", 9, row => row.Cache),
            new("streams", 11, row => TextTable.Number(row.Streams)),
            new("first messages/s", 18, row => TextTable.Number(row.FirstMessages)),
            new("deliveries/s", 14, row => TextTable.Number(row.Deliveries)),
            new("CPU µs each", 13, row => row.Cpu.ToString("0.00", CultureInfo.InvariantCulture)),
            new("bytes each", 12, row => TextTable.Number(row.Allocated)),
            new("bytes/stream", 14, row => TextTable.Number(row.BytesPerStream)));
        foreach (var cache in caches)
        {
            // What is measured first would pay for compiling what all run.
            progress.Say($"{cache}: warm-up", isNews: true);
            await MeasureAsync(cache, WarmUpStreams);
        }

        foreach (var number in numbers)
        {
            foreach (var cache in caches)
            {
                progress.Say($"{cache}, {number:N0} streams", isNews: true);
                table.Add(await MeasureAsync(cache, number));
            }
        }

        table.End(new { messages, results = table.Rows });

        async Task<Result> MeasureAsync(string cache, int number)
        {
            await using var silo = await StreamSilo.StartAsync(isSimple: cache == Simple, cancellationToken);
            var before = GC.GetTotalMemory(forceFullCollection: true);

            // Activates the grains, and makes the streams known to the pulling agents.
            var first = await silo.MeasureAsync(number, number, FirstMessages, cancellationToken);
            var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / number;
            await silo.MeasureAsync(number, Math.Max(number, messages / 4), longest, cancellationToken);
            var figures = await silo.MeasureAsync(number, Math.Max(number, messages), longest, cancellationToken);
            return new(cache, number, first.Rate, figures.Rate, figures.Cpu, figures.Allocated, bytes);
        }
    }
}
