using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Reconciliation;
using GrainSensors.Reconciliation.Local;
using GrainSensors.Silo.Reconcile;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Benchmarks.Reconcile;

/// <summary>
/// Readings through the local engine: from Kafka into DuckDB, and windows out of it. They come from the embedded broker,
/// which keeps little: whoever produces holds back for the engine.
/// </summary>
internal static class ReconcileScenario
{
    private const int Partitions = 8;
    private const int Sensors = 10_000;

    /// <summary>Of a partition, in flight: 5 MiB is what the broker keeps.</summary>
    private const int MostWaiting = 25_000;

    /// <summary>2026-11-24.</summary>
    private const long Day = 1_795_478_400;

    public static Command Create()
    {
        var readings = new Option<long>("--readings") { Description = "How many.", DefaultValueFactory = _ => 10_000_000 };
        var memory = new Option<string>("--memory") { Description = "What DuckDB may use.", DefaultValueFactory = _ => "1GB" };
        var command = new Command("reconcile", "How fast the local engine reads the log and computes windows, and how much memory it takes.") { readings, memory };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(readings), parsed.GetRequiredValue(memory), cancellation));
        return command;
    }

    private static async Task RunAsync(long readings, string memory, CancellationToken cancellationToken)
    {
        var kafka = new KafkaOptions();
        using var broker = new EmbeddedBroker([kafka.Topic, kafka.DeadLetterTopic, kafka.LogTopic], Partitions);
        kafka.BootstrapServers = broker.BootstrapServers;
        var log = new PipelineLog(await LogReaders.OpenAsync(kafka));
        var period = Period.Default;
        var start = Day * EpochTime.MicrosPerSecond;
        var request = new ReconciliationRequest(period, start, start + (96 * period.TotalMicros), null, MeasurementSet.Default.All);
        var each = readings / Partitions;
        var ranges = Enumerable.Range(0, Partitions).Select(partition => new SourceRange(new(log.TopicId, partition), 0, each)).ToList();
        var run = new ReconciliationRun(Guid.NewGuid(), "local", period, request.From, request.To, null, true, ranges, 0);
        await using var engine = new LocalEngine(log, new(Path.GetTempPath(), memory));
        Console.WriteLine(Invariant($"{each * Partitions:N0} readings of {Sensors:N0} sensors in {Partitions} partitions, DuckDB with {memory}"));

        var loading = Stopwatch.StartNew();
        var produced = Task.Factory.StartNew(() => Produce(kafka, each, engine, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var read = await engine.ReadAsync(run, request, ranges, new(), cancellationToken);
        await produced;
        loading.Stop();
        Console.WriteLine(Invariant($"load      {loading.Elapsed.TotalSeconds,7:N1} s {read.Readings / loading.Elapsed.TotalSeconds,12:N0} readings/s, the producer beside it"));

        var grouping = Stopwatch.StartNew();
        var (windows, counted, computed) = (0L, 0L, TimeSpan.Zero);
        await foreach (var window in engine.WindowsAsync(request, cancellationToken))
        {
            // They come sorted: the first one is there when all have been computed.
            computed = windows++ == 0 ? grouping.Elapsed : computed;
            counted += window.Metric == "temperature" ? window.Count : 0;
        }

        grouping.Stop();
        Console.WriteLine(Invariant($"SQL       {computed.TotalSeconds,7:N1} s {counted / computed.TotalSeconds,12:N0} readings/s once in DuckDB"));
        Console.WriteLine(Invariant($"windows   {grouping.Elapsed.TotalSeconds,7:N1} s {counted / grouping.Elapsed.TotalSeconds,12:N0} readings/s into {windows:N0} rows of two measurements, sorted"));
        Console.WriteLine(Invariant($"memory    {PeakMemory() / 1024.0 / 1024,7:N0} MiB at most, of the whole process with broker and producer"));
        if (counted != each * Partitions)
        {
            throw new InvalidOperationException(Invariant($"{counted} readings are in the windows."));
        }
    }

    private static void Produce(KafkaOptions kafka, long each, LocalEngine engine, CancellationToken cancellationToken)
    {
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig
        {
            BootstrapServers = kafka.BootstrapServers, LingerMs = 20, BatchSize = 256 * 1024, CompressionType = CompressionType.Lz4,
            QueueBufferingMaxMessages = 400_000, EnableDeliveryReports = false,
        }).Build();
        var pause = new SpinWait();
        for (var index = 0L; index < each; index++)
        {
            while (index - (engine.Read / Partitions) > MostWaiting)
            {
                cancellationToken.ThrowIfCancellationRequested();
                pause.SpinOnce();
            }

            for (var partition = 0; partition < Partitions; partition++)
            {
                var number = (index * Partitions) + partition;
                var json = Invariant($"{{\"sensor_id\":{number % Sensors},\"timestamp\":{Day + (number * 86_399 / (each * Partitions))},\"temperature\":{20 + (number % 97 / 10.0):0.0},\"humidity\":{40 + (number % 41)}}}");
                Send(producer, new(kafka.Topic, partition), Encoding.UTF8.GetBytes(json));
            }
        }

        producer.Flush(cancellationToken);
    }

    private static void Send(IProducer<Null, byte[]> producer, TopicPartition partition, byte[] json)
    {
        while (true)
        {
            try
            {
                producer.Produce(partition, new() { Value = json });
                return;
            }
            catch (ProduceException<Null, byte[]> e) when (e.Error.Code == Confluent.Kafka.ErrorCode.Local_QueueFull)
            {
                producer.Poll(TimeSpan.FromMilliseconds(10));
            }
        }
    }

    /// <returns>Bytes: the most that were in memory at once, as the kernel has it.</returns>
    private static long PeakMemory()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
