using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Benchmarks.Ingest;

/// <summary>
/// What the product is measured against: consume, read the JSON, a dictionary of window statistics, and one upsert of all
/// of them at the end. It checks nothing, recovers from nothing, and loses everything when it dies.
/// </summary>
internal static class BareLoop
{
    public const string Name = "bare-loop";
    public const string Assigned = "assigned";
    public const string Positions = "positions ";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Runs in a process of its own, with the client's settings that measured best.</summary>
    public static Command Create()
    {
        var kafka = new Option<string>("--kafka") { Required = true };
        var topic = new Option<string>("--topic") { Required = true };
        var partitions = new Option<int>("--partitions") { Required = true };
        var postgres = new Option<string>("--postgres") { Required = true };
        var readings = new Option<long>("--readings") { Required = true };
        var warmUp = new Option<long>("--warm-up");
        var command = new Command(Name, "The reference of `ingest`, a process of its own.")
        {
            kafka, topic, partitions, postgres, readings, warmUp,
        };
        command.Hidden = true;
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(kafka),
            parsed.GetRequiredValue(topic),
            parsed.GetValue(partitions),
            parsed.GetRequiredValue(postgres),
            parsed.GetValue(readings),
            parsed.GetValue(warmUp)));
        return command;
    }

    /// <summary>When it had passed its warm-up and when its upsert was committed, µs since the epoch.</summary>
    internal sealed record Result(long WarmedUp, long Durable);

    private static void Run(string kafka, string topic, int partitions, string postgres, long readings, long warmUp)
    {
        KafkaNativeLibrary.Load();
        var config = new ConsumerConfig
        {
            BootstrapServers = kafka,
            GroupId = $"bare-loop-{Guid.NewGuid():N}",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
            FetchQueueBackoffMs = 1,
            QueuedMinMessages = 50_000,
            FetchWaitMaxMs = 10,
            ConsumeResultFields = "none",
        };
        var windows = new BareWindows();
        var positions = new long[partitions];
        var warmedUp = 0L;
        using (var consumer = new ConsumerBuilder<Ignore, bool>(config)
            .SetValueDeserializer(windows)
            .SetPartitionsAssignedHandler((_, _) => Begin(positions))
            .Build())
        {
            consumer.Subscribe(topic);
            for (var i = 0L; i < readings; i++)
            {
                var result = consumer.Consume(Patience) ?? throw new TimeoutException($"No more readings after {i:N0} of {readings:N0}.");
                positions[result.Partition.Value] = result.Offset.Value + 1;
                if (i == warmUp)
                {
                    warmedUp = Now();
                }
            }
        }

        windows.Upsert(postgres);
        Console.WriteLine(JsonSerializer.Serialize(new Result(warmedUp, Now())));
    }

    /// <summary>Whoever writes the log must not be ahead of this loop by more than the broker keeps.</summary>
    private static void Begin(long[] positions)
    {
        Console.WriteLine(Assigned);
        // Not on the pool, which the loop that is measured would share.
        new Thread(() =>
        {
            while (true)
            {
                Thread.Sleep(ReportInterval);
                Console.WriteLine(
                    Positions + string.Join(' ', positions.Select(position => position.ToString(CultureInfo.InvariantCulture))));
            }
        })
        {
            IsBackground = true,
            Name = "positions",
        }.Start();
    }

    private static long Now() => (long)(DateTime.UtcNow - DateTime.UnixEpoch).TotalMicroseconds;
}
