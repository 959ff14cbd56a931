using System.CommandLine;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Benchmarks.Feeding;
using GrainSensors.Benchmarks.Servers;
using GrainSensors.Hosting.Lifetime;

namespace GrainSensors.Benchmarks.Ingest;

/// <summary>
/// How fast a log becomes rows: the bare loop, one silo, and as many as are asked for, in turn. Each reads a new topic into a
/// new database while a feeder writes the same batches, made before, as fast as they are read. Feeder, broker and
/// PostgreSQL are processes of their own; what they use is not counted, but it is on the same cores.
/// </summary>
internal static class IngestScenario
{
    public static Command Create()
    {
        var sensors = NumberOption.Of("--sensors", "In turn, one reading a second of event time each", 10_000, 1, 10_000_000);
        var readings = NumberOption.Of("--readings", "In the log", 10_000_000L, 1, 10_000_000_000);
        var warmUp = NumberOption.Of("--warm-up", "So many of them come before those that are measured", 0L, 0, 10_000_000_000);
        var silos = NumberOption.Of("--silos", "More than one: beside one, in the same run", 1, 1, 16);
        var partitions = ServerOptions.Partitions();
        var rounds = NumberOption.Of("--rounds", "How often each is measured; the median counts", 3, 1, 1000);
        var (kafka, postgres, json) = (ServerOptions.Kafka(), ServerOptions.Postgres(), ServerOptions.Json());
        var only = new Option<string?>("--only")
        {
            HelpName = $"{IngestRequest.Bare}|{IngestRequest.Product}",
            Description = "One of them, for profiles",
        };
        var names = new Option<bool>("--names") { Description = "The sensors have names instead of ids; with --only product" };
        var mapping = new Option<bool>("--mapping")
        {
            Description = "The topic is a source, whose mapping says what its messages mean; with --only product",
        };
        var periods = new Option<bool>("--periods")
        {
            Description = "Windows of a minute, and of quarters, hours every five minutes and local days; with --only product",
        };
        var sketches = new Option<bool>("--sketches")
        {
            Description = "All measurements have sketches, for percentiles; with --only product",
        };
        var measurements = NumberOption.Of(
            "--measurements", "Values of a reading; more than two with --only product", ReadingText.Declared, ReadingText.Declared,
            ReadingText.MaxMeasurements);
        only.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } value and not (IngestRequest.Bare or IngestRequest.Product))
            {
                result.AddError($"--only is {value}; give {IngestRequest.Bare} or {IngestRequest.Product}.");
            }
        });
        var command = new Command("ingest", "The product against a bare loop on the same log.")
        {
            sensors, readings, warmUp, silos, partitions, rounds, kafka, postgres, only, names, measurements, mapping, periods, sketches,
            json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new(
                parsed.GetValue(sensors), parsed.GetValue(readings), parsed.GetValue(warmUp), parsed.GetValue(silos),
                parsed.GetValue(partitions), parsed.GetValue(rounds), parsed.GetValue(only),
                parsed.GetValue(names), parsed.GetValue(measurements), parsed.GetValue(mapping),
                parsed.GetValue(periods), parsed.GetValue(sketches)),
            parsed.GetValue(kafka),
            parsed.GetValue(postgres),
            parsed.GetValue(json),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        IngestRequest request, string? kafka, string? postgres, bool json, CancellationToken cancellationToken)
    {
        request.Validate();
        using var progress = new Progress();
        var report = new IngestReport(request, json);
        BatchFile? log = null;
        try
        {
            for (var round = 1; round <= request.Rounds; round++)
            {
                foreach (var silos in request.Contenders)
                {
                    await using var topic = await ReadingTopic.CreateAsync(kafka, request.Partitions, cancellationToken);
                    await using var database = await ScratchDatabase.CreateAsync(postgres);
                    log ??= MakeLog(request, topic.Partitions, progress, cancellationToken);
                    await using var feeder = await FeederProcess.OfAsync(topic, log);
                    var name = IngestRequest.NameOf(silos);
                    progress.Say($"round {round}: {name} starts", isNews: true);
                    var result = await IngestPass.RunAsync(silos, request, topic, database, feeder, Taken, cancellationToken);
                    progress.Clear();
                    report.Add(round, silos, result, topic.Partitions);

                    void Taken(long taken) => progress.Say($"round {round}: {name} has taken {taken:N0} of {request.Readings:N0} readings");
                }
            }
        }
        finally
        {
            log?.Dispose();
        }

        report.End();
        return report.IsExact ? ExitCodes.Success : ExitCodes.SomethingWrong;
    }

    private static BatchFile MakeLog(
        IngestRequest request, int partitions, Progress progress, CancellationToken cancellationToken) => BatchFile.Create(
        new BatchSequence(request.Sensors, request.From, partitions, request.Names, request.Measurements).Take(request.Readings),
        written => progress.Say($"{written:N0} of {request.Readings:N0} readings of the log are made"),
        cancellationToken);
}
