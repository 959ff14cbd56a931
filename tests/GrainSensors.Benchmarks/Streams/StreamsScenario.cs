using System.CommandLine;

namespace GrainSensors.Benchmarks.Streams;

/// <summary>
/// How many messages a second the Kafka stream provider delivers to grains, by the number of streams, with its own cache and
/// with Orleans' SimpleQueueCache behind the same adapter. The broker is the embedded one, and all is in this process.
/// </summary>
internal static class StreamsScenario
{
    public static Command Create()
    {
        var streams = new Option<int[]>("--streams") { Description = "Numbers of streams.", DefaultValueFactory = _ => [100, 1_000, 10_000, 100_000], AllowMultipleArgumentsPerToken = true };
        var messages = new Option<int>("--messages") { Description = "Messages of a measurement, one after the other for each stream.", DefaultValueFactory = _ => 400_000 };
        var seconds = new Option<int>("--seconds") { Description = "The longest time of a measurement.", DefaultValueFactory = _ => 10 };
        var cache = new Option<string[]>("--cache") { Description = "indexed: the provider as it is; simple: with SimpleQueueCache.", DefaultValueFactory = _ => ["indexed", "simple"], AllowMultipleArgumentsPerToken = true };
        var command = new Command("streams", "How many messages a second Kafka streams deliver to grains.") { streams, messages, seconds, cache };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(streams)!, parsed.GetValue(messages), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(cache)!, cancellation));
        return command;
    }

    private static async Task RunAsync(int[] numbers, int messages, TimeSpan longest, string[] caches, CancellationToken cancellationToken)
    {
        Console.WriteLine("cache        streams  first messages/s  deliveries/s  bytes/stream");
        foreach (var cache in caches)
        {
            foreach (var number in numbers)
            {
                await using var silo = await StreamSilo.StartAsync(isSimple: cache == "simple");
                var before = GC.GetTotalMemory(forceFullCollection: true);

                // Activates the grains, and makes the streams known to the pulling agents.
                var first = await silo.MeasureAsync(number, number, TimeSpan.FromMinutes(5), cancellationToken);
                var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / number;
                await silo.MeasureAsync(number, Math.Max(number, messages / 4), longest, cancellationToken);
                var rate = await silo.MeasureAsync(number, Math.Max(number, messages), longest, cancellationToken);
                Console.WriteLine($"{cache,-9} {number,10:N0} {first,17:N0} {rate,13:N0} {bytes,13:N0}");
            }
        }
    }
}
