using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GrainSensors.Benchmarks.Metering;

namespace GrainSensors.Benchmarks.Ingest;

/// <summary>
/// How fast a log becomes rows: (a) the bare loop, (b) the product, in turn, on the same log. The embedded broker and
/// PostgreSQL are processes of their own; what they use is not counted, but it is on the same cores.
/// </summary>
internal static class IngestScenario
{
    private const string Topic = "sensor-data";

    /// <summary>How long the log's readings ended ago: no window of it is too old or in the future.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromDays(1);

    public static Command Create()
    {
        var sensors = new Option<int>("--sensors") { Description = "In turn, one reading a second of event time each.", DefaultValueFactory = _ => 10_000 };
        var readings = new Option<long>("--readings") { Description = "In the log.", DefaultValueFactory = _ => 2_000_000 };
        var warmUp = new Option<long>("--warm-up") { Description = "So many of them come before those that are measured.", DefaultValueFactory = _ => 0 };
        var silos = new Option<int>("--silos") { Description = "More than one, or --live: the log is written while they read it.", DefaultValueFactory = _ => 1 };
        var live = new Option<bool>("--live") { Description = "Write the log while one silo reads it." };
        var partitions = new Option<int>("--partitions") { Description = "Of the embedded broker.", DefaultValueFactory = _ => 16 };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3 };
        var kafka = new Option<string?>("--kafka") { Description = "HOST:PORT of a broker with an empty topic sensor-data [default: the embedded one, a process of its own]" };
        var postgres = new Option<string?>("--postgres") { Description = "A server's connection string; databases are new ones, and dropped [default: a throw-away server, where its programs are installed]" };
        var only = new Option<string?>("--only") { Description = "bare or product: for profiles." };
        var floor = new Option<double?>("--at-least") { Description = "The ratio below which the exit code is 1, as it is when a row is not exact." };
        var json = new Option<bool>("--json") { Description = "Print the measurements as JSON." };
        var command = new Command("ingest", "The product against a bare loop on the same log.")
        {
            sensors, readings, warmUp, silos, live, partitions, rounds, kafka, postgres, only, floor, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new(
                parsed.GetValue(sensors),
                parsed.GetValue(readings),
                parsed.GetValue(warmUp),
                parsed.GetValue(silos),
                parsed.GetValue(live) || parsed.GetValue(silos) > 1,
                parsed.GetValue(partitions),
                parsed.GetValue(rounds),
                parsed.GetValue(only),
                parsed.GetValue(floor)),
            parsed.GetValue(kafka),
            parsed.GetValue(postgres),
            parsed.GetValue(json),
            cancellation));
        return command;
    }

    internal sealed record Request(int Sensors, long Readings, long WarmUp, int Silos, bool Live, int Partitions, int Rounds, string? Only, double? Floor);

    private static async Task<int> RunAsync(Request request, string? kafka, string? postgres, bool json, CancellationToken cancellationToken)
    {
        await using var broker = kafka is null && !request.Live ? await BrokerProcess.StartAsync(request.Partitions, cancellationToken) : null;
        var report = new IngestReport(request, json);
        report.Begin();
        var log = NewLog(broker?.BootstrapServers ?? kafka!);
        if (!request.Live)
        {
            log.Fill(cancellationToken);
        }

        for (var round = 1; round <= request.Rounds; round++)
        {
            if (request is { Live: false, Only: not "product" })
            {
                await using var database = await ScratchDatabase.CreateAsync(postgres);
                report.Add(round, "bare loop", await BareAsync(database.ConnectionString));
            }

            if (request.Only != "bare")
            {
                await using var database = await ScratchDatabase.CreateAsync(postgres);
                report.Add(round, "product", await ProductAsync(database.ConnectionString));
            }
        }

        return report.End() ? 0 : 1;

        ReadingLog NewLog(string servers) => new(
            servers, Topic, request.Partitions, request.Sensors, request.Readings, DateTimeOffset.UtcNow.Subtract(Age).ToUnixTimeSeconds() - (request.Readings / request.Sensors));

        async Task<IngestRound> BareAsync(string connectionString)
        {
            var meter = Path.GetTempFileName();
            await using var process = Executable.StartAssembly(
                typeof(BareLoop).Assembly.Location,
                new Dictionary<string, string> { ["DOTNET_STARTUP_HOOKS"] = typeof(Meter).Assembly.Location, [Meter.FileVariable] = meter },
                BareLoop.Name, "--kafka", broker?.BootstrapServers ?? kafka!, "--topic", Topic, "--postgres", connectionString,
                "--readings", Text(request.Readings), "--warm-up", Text(request.WarmUp));
            var end = await process.ExitAsync();
            var result = end.ExitCode == 0 ? JsonSerializer.Deserialize<BareLoop.Result>(end.Output)! : throw new InvalidOperationException($"The bare loop failed: {end}");
            var round = new IngestRound(request.Readings - request.WarmUp, result.From, result.To, result.Readings == request.Readings, Usage.Between([meter], result.From, result.To));
            File.Delete(meter);
            return round;
        }

        async Task<IngestRound> ProductAsync(string connectionString)
        {
            // A log that is written meanwhile is a new one each time: a group that begins reads all of it.
            await using var ownBroker = request.Live && kafka is null ? await BrokerProcess.StartAsync(request.Partitions, cancellationToken) : null;
            var servers = ownBroker?.BootstrapServers ?? broker?.BootstrapServers ?? kafka!;
            await using var run = await ProductRun.StartAsync(request.Silos, servers, connectionString, new Dictionary<string, string>(), cancellationToken);
            var filling = Task.CompletedTask;
            if (request.Live)
            {
                await run.SpreadAsync(request.Partitions, cancellationToken);
                log = NewLog(servers);
                filling = Task.Run(() => log.Fill(cancellationToken), cancellationToken);
            }

            var started = (long)(DateTime.UtcNow - DateTime.UnixEpoch).TotalMicroseconds;
            var (from, to) = await run.WorkOffAsync(log, request.WarmUp, cancellationToken);
            await filling;
            from = request is { Live: true, WarmUp: 0 } ? started : from;
            return new(request.Readings - request.WarmUp, from, to, await run.CountAsync(cancellationToken) == request.Readings, run.Usage(from, to));
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
