using System.CommandLine;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Benchmarks.Servers;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;

namespace GrainSensors.Benchmarks.Growth;

/// <summary>Whether a silo that goes on and on grows or gets slower: ingest at full speed for minutes.</summary>
internal static class GrowthScenario
{
    /// <summary>Older windows would be past retention.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromDays(300);

    /// <summary>Nobody is faster; what reached the present would be in the future.</summary>
    private const int FastestRate = 3_000_000;

    public static Command Create()
    {
        var sensors = NumberOption.Of("--sensors", "In turn, one reading a second of event time each", 10_000, 1, 10_000_000);
        var seconds = NumberOption.Of("--seconds", "How long", 600, 1, 86_400);
        var interval = NumberOption.Of("--interval", "Seconds for each line", 60, 1, 3600);
        var partitions = ServerOptions.Partitions();
        var (kafka, postgres, json) = (ServerOptions.Kafka(), ServerOptions.Postgres(), ServerOptions.Json());
        var command = new Command("growth", "Rate and memory of a silo, minute by minute, at full speed.")
        {
            sensors, seconds, interval, partitions, kafka, postgres, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(sensors), parsed.GetValue(seconds), parsed.GetValue(interval), parsed.GetValue(partitions),
            parsed.GetValue(kafka), parsed.GetValue(postgres), parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        int sensors,
        int seconds,
        int interval,
        int partitions,
        string? kafka,
        string? postgres,
        bool json,
        CancellationToken cancellationToken)
    {
        var longest = (long)(Age.TotalSeconds * sensors / FastestRate);
        if (seconds > longest)
        {
            throw new UsageException(
                $"--seconds {seconds} of {sensors} sensors at full speed could pass more event time than is kept; "
                + $"give at most {longest}, or more --sensors.");
        }

        using var progress = new Progress();
        progress.Say($"broker, PostgreSQL and silo start", isNews: true);
        await using var topic = await ReadingTopic.CreateAsync(kafka, partitions, cancellationToken);
        await using var database = await ScratchDatabase.CreateAsync(postgres);
        var report = new GrowthReport(sensors, json);
        var run = new GrowthRun(topic, database.ConnectionString, sensors, DateTimeOffset.UtcNow.Subtract(Age).ToUnixTimeSeconds());
        var (taken, counted) = await run.RunAsync(
            TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(interval), Add, progress, cancellationToken);
        progress.Clear();
        report.End(taken, counted);
        return taken == counted ? ExitCodes.Success : ExitCodes.SomethingWrong;

        void Add(GrowthInterval minute)
        {
            progress.Clear();
            report.Add(minute);
        }
    }
}
