using System.CommandLine;
using System.Globalization;

namespace GrainSensors.Benchmarks.Feeding;

/// <summary>
/// Writes the log while others read it, as a process of its own: what it uses is not counted for whom is measured. Its
/// standard input tells it to begin, and then how far the readers are; its end is the feeder's.
/// </summary>
internal static class FeederCommand
{
    public const string Name = "feeder";
    public const string Go = "go";
    public const string Ready = "ready";
    public const string Begun = "begun ";
    public const string Sent = "sent ";

    private static readonly Option<string> Kafka = new("--kafka") { Required = true };
    private static readonly Option<string> Topic = new("--topic") { Required = true };
    private static readonly Option<string?> BatchesFrom = new("--file") { Description = "Batches that are ready." };

    private static readonly Option<long> Chunk = new("--chunk")
    {
        Description = "Readings of the file that go out each time that it is told to go; 0: all of them.",
    };

    private static readonly Option<int> Sensors = new("--sensors") { Description = "Of batches that are made on the way, without end." };

    private static readonly Option<long> From = new("--from")
    {
        Description = "Event time of the first readings, seconds since the epoch.",
    };

    private static readonly Option<int> Rate = new("--rate") { Description = "Readings of this moment, so many a second." };

    private static readonly Option<int> Stride = new("--stride")
    {
        Description = "Sensors whose id leaves a remainder of 1 may be disconnected.",
    };

    private static readonly Option<int> Faults = new("--faults") { Description = "Sensors that are disconnected a second." };

    public static Command Create()
    {
        var command = new Command(Name, "Writes a log that others read meanwhile, a process of its own.")
        {
            Kafka, Topic, BatchesFrom, Chunk, Sensors, From, Rate, Stride, Faults,
        };
        command.Hidden = true;
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed)
    {
        using var leaders = new Leaders(parsed.GetRequiredValue(Kafka), parsed.GetRequiredValue(Topic));
        var room = new PartitionRoom(leaders.Partitions);
        using var turns = new SemaphoreSlim(0);
        var feed = Prepare(parsed, leaders, room, turns);
        Console.WriteLine(Ready);
        if (Console.ReadLine() != Go)
        {
            return 0;
        }

        new Thread(() => Listen(room, turns)) { IsBackground = true, Name = "positions" }.Start();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{Begun}{(DateTime.UtcNow - DateTime.UnixEpoch).TotalMicroseconds:0}"));
        try
        {
            await feed();
        }
        catch (OperationCanceledException)
        {
            // Whoever started this has seen enough.
        }

        return 0;
    }

    /// <summary>Everything that takes time before the first reading goes out.</summary>
    private static Func<Task> Prepare(ParseResult parsed, Leaders leaders, PartitionRoom room, SemaphoreSlim turns)
    {
        var sensors = parsed.GetValue(Sensors);
        if (parsed.GetValue(Rate) is var rate and > 0)
        {
            var live = new LiveFeed(leaders, room, sensors, rate, parsed.GetValue(Stride), parsed.GetValue(Faults));
            return () => live.RunAsync(Say);
        }

        var feeder = new Feeder(leaders, room);
        var batches = parsed.GetValue(BatchesFrom) is { } file
            ? BatchFile.Read(file)
            : new BatchSequence(sensors, parsed.GetValue(From), leaders.Partitions).Take(long.MaxValue);
        if (parsed.GetValue(Chunk) is var chunk and > 0)
        {
            return async () =>
            {
                foreach (var part in InChunks(batches, chunk))
                {
                    feeder.Send(part);
                    await turns.WaitAsync();
                }
            };
        }

        return () =>
        {
            feeder.Send(batches);
            return Task.CompletedTask;
        };
    }

    private static IEnumerable<List<Batch>> InChunks(IEnumerable<Batch> batches, long readings)
    {
        var (chunk, count) = (new List<Batch>(), 0L);
        foreach (var batch in batches)
        {
            chunk.Add(batch);
            count += batch.Count;
            if (count >= readings)
            {
                yield return chunk;
                (chunk, count) = ([], 0);
            }
        }

        if (chunk.Count > 0)
        {
            yield return chunk;
        }
    }

    private static void Say(LiveFeed.Tick tick) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Sent}{tick.End} {tick.At} {tick.Disconnected}"));

    private static void Listen(PartitionRoom room, SemaphoreSlim turns)
    {
        while (Console.ReadLine() is { } line)
        {
            if (line == Go)
            {
                turns.Release();
            }
            else
            {
                room.Read(Array.ConvertAll(line.Split(' '), text => long.Parse(text, CultureInfo.InvariantCulture)));
            }
        }

        room.End();
        turns.Release();
    }
}
