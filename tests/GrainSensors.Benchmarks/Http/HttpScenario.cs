using System.CommandLine;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Benchmarks.Latency;
using GrainSensors.Benchmarks.Product;
using GrainSensors.Benchmarks.Servers;

namespace GrainSensors.Benchmarks.Http;

/// <summary>Measures the HTTP API that takes readings: its greatest rate, and how long answers take at a lower one.</summary>
internal static class HttpScenario
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var sensors = NumberOption.Of("--sensors", "That report in turn", 10_000, 1, 10_000_000);
        var readings = NumberOption.Of("--body", "Readings in a request", 1000, 1, 10_000);
        var connections = NumberOption.Of("--connections", "That send as fast as they are answered", 8, 1, 1000);
        var rate = NumberOption.Of("--rate", "Readings a second at which answers are timed", 25_000, 1, 10_000_000);
        var seconds = NumberOption.Of("--seconds", "Of each measurement", 10, 1, 86_400);
        var rounds = NumberOption.Of("--rounds", "How often", 3, 1, 1000);
        var only = new Option<string?>("--only") { HelpName = "DOOR", Description = "readings, ingest or influx [default: all]" };
        only.AcceptOnlyFromAmong([.. HttpDoor.All.Select(door => door.Name)]);
        var partitions = ServerOptions.Partitions();
        var (kafka, postgres, json) = (ServerOptions.Kafka(), ServerOptions.Postgres(), ServerOptions.Json());
        var command = new Command(
            "http",
            """
            How many readings a second a silo takes over HTTP, and how long an answer takes at a steady rate. Requests are sent then when
            they are due, whether or not earlier ones are answered. A request is answered when Kafka has its readings.
            """)
        {
            sensors, readings, connections, rate, seconds, rounds, only, partitions, kafka, postgres, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new(
                parsed.GetValue(sensors), parsed.GetValue(readings), parsed.GetValue(connections), parsed.GetValue(rate),
                TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(rounds),
                [.. HttpDoor.All.Where(door => parsed.GetValue(only) is not { } name || name == door.Name)]),
            parsed.GetValue(partitions),
            parsed.GetValue(kafka),
            parsed.GetValue(postgres),
            parsed.GetValue(json),
            cancellation));
        return command;
    }

    private sealed record Request(
        int Sensors, int Body, int Connections, int Rate, TimeSpan Time, int Rounds, IReadOnlyList<HttpDoor> Doors);

    /// <param name="ReadingsPerSecond">At full speed.</param>
    /// <param name="CpuPerMillion">Of the silo at full speed, s.</param>
    /// <param name="P50">Of an answer at the steady rate, s.</param>
    /// <param name="Refused">Requests of both measurements.</param>
    private sealed record Row(
        string Door, int Round, double ReadingsPerSecond, double CpuPerMillion, double P50, double P99, double Max, int Refused);

    private static async Task RunAsync(
        Request request, int partitions, string? kafka, string? postgres, bool json, CancellationToken cancellationToken)
    {
        using var progress = new Progress();
        var table = new ResultTable<Row>(
            progress,
            json,
            new("door", 9, row => row.Door),
            new("round", 6, row => TextTable.Number(row.Round)),
            new("readings/s", 12, row => TextTable.Number(row.ReadingsPerSecond)),
            new("CPU s/million", 15, row => TextTable.Number(row.CpuPerMillion, "0.00")),
            new("50 %, ms", 10, row => TextTable.Number(row.P50 * 1000, "0.0")),
            new("99 %, ms", 10, row => TextTable.Number(row.P99 * 1000, "0.0")),
            new("max, ms", 10, row => TextTable.Number(row.Max * 1000, "0.0")),
            new("refused", 9, row => TextTable.Number(row.Refused)));
        progress.Say($"broker, PostgreSQL and silo start", isNews: true);
        await using var topic = await ReadingTopic.CreateAsync(kafka, partitions, cancellationToken);
        await using var database = await ScratchDatabase.CreateAsync(postgres);
        await using var run = await ProductRun.StartAsync(
            1, topic, database.ConnectionString, HttpDoor.Settings, cancellationToken);
        table.Say($"{request.Body:N0} readings in a request; times at {request.Rate:N0} readings/s, other columns at full speed");
        foreach (var door in request.Doors)
        {
            using var load = new HttpLoad(run.Page, door, door.Bodies(request.Sensors, request.Body));
            progress.Say($"{door.Name}: warm-up", isNews: true);
            await load.SendAsync(request.Connections, WarmUp, cancellationToken);
            for (var round = 1; round <= request.Rounds; round++)
            {
                progress.Say($"{door.Name}, round {round}", isNews: true);
                table.Add(await MeasureAsync(load, door.Name, round, request, run, cancellationToken));
            }
        }

        table.End(new { request.Sensors, request.Body, request.Connections, request.Rate, rows = table.Rows });
    }

    private static async Task<Row> MeasureAsync(
        HttpLoad load, string door, int round, Request request, ProductRun run, CancellationToken cancellationToken)
    {
        await CaughtUpAsync(run, cancellationToken);
        var from = Now();
        var full = await load.SendAsync(request.Connections, request.Time, cancellationToken);
        var (cpu, readings) = (run.Usage(from, Now()).Cpu, (double)full.Micros.Count * request.Body);
        await CaughtUpAsync(run, cancellationToken);
        var steady = await load.SendAtAsync((double)request.Rate / request.Body, request.Time, cancellationToken);
        var times = LatencyFigures.Of("an answer", steady.Micros);
        return new(
            door, round, readings / full.Seconds, cpu / readings * 1e6, times.P50, times.P99, times.Max, full.Refused + steady.Refused);
    }

    /// <summary>What was sent before is in its windows.</summary>
    private static Task CaughtUpAsync(ProductRun run, CancellationToken cancellationToken) => Patiently.UntilAsync(
        async () =>
        {
            run.ThrowIfEnded();
            return (await run.PartitionsAsync()).All(partition => partition.Lag == 0);
        },
        "the silo does not catch up",
        cancellationToken);

    private static long Now() => (long)(DateTime.UtcNow - DateTime.UnixEpoch).TotalMicroseconds;
}
