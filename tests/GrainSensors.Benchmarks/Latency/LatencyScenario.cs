using System.CommandLine;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Benchmarks.Product;
using GrainSensors.Benchmarks.Servers;
using GrainSensors.Hosting.Lifetime;

namespace GrainSensors.Benchmarks.Latency;

/// <summary>How long after it was appended to the log a reading is in its row, and what it raises is an alert.</summary>
internal static class LatencyScenario
{
    public static Command Create()
    {
        var sensors = NumberOption.Of("--sensors", "That report in turn", 10_000, 10, 10_000_000);
        var rate = NumberOption.Of("--rate", "Readings a second, of all sensors together [default: one of each sensor]", 0, 0, 10_000_000);
        var seconds = NumberOption.Of("--seconds", "For which it is measured, after 10 s that are not", 60, 1, 86_400);
        var partitions = ServerOptions.Partitions();
        var (kafka, postgres, json) = (ServerOptions.Kafka(), ServerOptions.Postgres(), ServerOptions.Json());
        var command = new Command(
            "latency",
            """
            How long a reading takes from the log to its row in PostgreSQL, and to an alert in the table, in the log topic and on
            the console's event stream, at a steady rate. What is looked for every few milliseconds is late by as much.
            """)
        {
            sensors, rate, seconds, partitions, kafka, postgres, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new(
                parsed.GetValue(sensors),
                parsed.GetValue(rate) == 0 ? parsed.GetValue(sensors) : parsed.GetValue(rate),
                TimeSpan.FromSeconds(parsed.GetValue(seconds))),
            parsed.GetValue(partitions),
            parsed.GetValue(kafka),
            parsed.GetValue(postgres),
            parsed.GetValue(json),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        LatencyRequest request, int partitions, string? kafka, string? postgres, bool json, CancellationToken cancellationToken)
    {
        using var progress = new Progress();
        progress.Say($"broker, PostgreSQL and silo start", isNews: true);
        await using var topic = await ReadingTopic.CreateAsync(kafka, partitions, cancellationToken);
        await using var database = await ScratchDatabase.CreateAsync(postgres);
        await using var run = await ProductRun.StartAsync(
            1, topic, database.ConnectionString, new Dictionary<string, string>(), cancellationToken);
        var result = await new LatencyRun(request, topic, run, progress).RunAsync(cancellationToken);
        progress.Clear();
        LatencyReport.Print(request, result, json);
        return ExitCodes.Success;
    }
}
