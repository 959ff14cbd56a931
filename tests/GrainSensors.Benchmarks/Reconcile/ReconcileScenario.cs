using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Reconcile;
using GrainSensors.Reconciliation.Local;
using GrainSensors.Reconciliation.Model;
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

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>2026-11-24.</summary>
    private const long Day = 1_795_478_400;

    public static Command Create()
    {
        var readings = NumberOption.Of("--readings", "In the log", 10_000_000L, Partitions, 10_000_000_000);
        var memory = new Option<string>("--memory")
        {
            HelpName = "SIZE",
            Description = "What DuckDB may use",
            DefaultValueFactory = _ => "1GB",
        };
        var json = ServerOptions.Json();
        var command = new Command(
            "reconcile", "How fast the local engine reads the log and computes windows, and how much memory it takes.")
        {
            readings, memory, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(readings), parsed.GetRequiredValue(memory), parsed.GetValue(json), cancellation));
        return command;
    }

    /// <param name="Name">load: from Kafka into DuckDB, the producer beside it. windows: into sorted rows of two measurements.</param>
    private sealed record Step(string Name, double Seconds, double ReadingsPerSecond);

    private static async Task<int> RunAsync(long readings, string memory, bool json, CancellationToken cancellationToken)
    {
        using var progress = new Progress();
        var table = new ResultTable<Step>(
            progress,
            json,
            new("", 10, row => row.Name),
            new("seconds", 9, row => TextTable.Number(row.Seconds, "0.0")),
            new("readings/s", 13, row => TextTable.Number(row.ReadingsPerSecond)));
        var kafka = new KafkaOptions();
        using var broker = new EmbeddedBroker([kafka.Topic, kafka.DeadLetterTopic, kafka.LogTopic], Partitions);
        kafka.BootstrapServers = broker.BootstrapServers;
        var log = new PipelineLog(await LogReaders.OpenAsync(kafka), new([]));
        var period = Period.Default;
        var start = Day * EpochTime.MicrosPerSecond;
        var request = new ReconciliationRequest(period, start, start + (96 * period.TotalMicros), null, MeasurementSet.Default.All);
        var each = readings / Partitions;
        var ranges = Enumerable.Range(0, Partitions)
            .Select(partition => new SourceRange(log.Topics[0].SourceOf(partition), 0, each)).ToList();
        var run = new ReconciliationRun(Guid.NewGuid(), "local", period, request.From, request.To, null, true, ranges, 0);
        await using var engine = new LocalEngine(log, null, new(Path.GetTempPath(), memory));
        table.Say($"{each * Partitions:N0} readings of {Sensors:N0} sensors in {Partitions} partitions, DuckDB with {memory}");

        var loading = Stopwatch.StartNew();
        var produced = Task.Factory.StartNew(
            () => Produce(kafka, each, engine, cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        var reading = engine.ReadAsync(run, request, ranges, new(), cancellationToken);
        using var look = new PeriodicTimer(LookInterval);
        while (await Task.WhenAny(reading, look.WaitForNextTickAsync(cancellationToken).AsTask()) != reading)
        {
            progress.Say($"{engine.Read:N0} of {each * Partitions:N0} readings are loaded");
        }

        var read = await reading;
        await produced;
        loading.Stop();
        table.Add(new("load", loading.Elapsed.TotalSeconds, read.Readings / loading.Elapsed.TotalSeconds));

        progress.Say($"windows are computed", isNews: true);
        var grouping = Stopwatch.StartNew();
        var (windows, counted, computed) = (0L, 0L, TimeSpan.Zero);
        await foreach (var window in engine.WindowsAsync(request, cancellationToken))
        {
            // They come sorted: the first one is there when all have been computed.
            computed = windows++ == 0 ? grouping.Elapsed : computed;
            counted += window.Measurement == "temperature" ? window.Count : 0;
        }

        grouping.Stop();
        table.Add(new("SQL", computed.TotalSeconds, counted / computed.TotalSeconds));
        table.Add(new("windows", grouping.Elapsed.TotalSeconds, counted / grouping.Elapsed.TotalSeconds));
        var peak = PeakMemory();
        var memoryUsed = Invariant($"{peak / 1e6:N0} MB at most, of the whole process with broker and producer");
        var notAll = counted == each * Partitions ? "" : ", NOT ALL OF THEM ONCE";
        table.Say($"{windows:N0} rows; {memoryUsed}; {counted:N0} readings are in the rows{notAll}");
        table.End(new { readings = each * Partitions, memory, steps = table.Rows, windows, counted, peakBytes = peak });
        return counted == each * Partitions ? ExitCodes.Success : ExitCodes.SomethingWrong;
    }

    private static void Produce(KafkaOptions kafka, long each, LocalEngine engine, CancellationToken cancellationToken)
    {
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig
        {
            BootstrapServers = kafka.BootstrapServers,
            LingerMs = 20,
            BatchSize = 256 * 1024,
            CompressionType = CompressionType.Lz4,
            QueueBufferingMaxMessages = 400_000,
            EnableDeliveryReports = false,
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
                var at = Day + (number * 86_399 / (each * Partitions));
                var (temperature, humidity) = (20 + (number % 97 / 10.0), 40 + (number % 41));
                var json = Invariant(
                    $"{{\"sensor_id\":{number % Sensors},\"timestamp\":{at},\"temperature\":{temperature:0.0},\"humidity\":{humidity}}}");
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
