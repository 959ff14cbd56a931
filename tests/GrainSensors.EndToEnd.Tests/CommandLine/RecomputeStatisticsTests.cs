using System.Text.Json;
using GrainSensors.Core.Time;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary><c>recompute --statistics</c> on windows that were counted before the setting was switched on.</summary>
[Trait("Category", "System")]
public sealed class RecomputeStatisticsTests(PostgresServer postgres)
{
    private const long Start = ReconciledLog.Start;
    private static readonly long Minute = ReconciledLog.Period.TotalMicros;

    [Fact]
    public async Task Statistics_are_filled_from_the_log_and_what_cannot_be_filled_is_counted_with_its_reason()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var log = await ReconciledLog.StartAsync(postgres: database);
        for (var i = 0; i < 3; i++)
        {
            await log.ProduceAsync(7, Start + (i * Minute), 20 + i);
        }

        var first = await log.StoreAsync(7, Start, [20], mark: 0);
        await log.StoreAsync(7, Start + Minute, [21], mark: 1);
        await log.StoreAsync(7, Start + (2 * Minute), [99], mark: 2);
        await log.CheckpointAsync(3);
        string[] arguments = ["--store", $"postgres:{database}"];

        var dryRun = await RunAsync(log, 3, [.. arguments, "--dry-run"]);
        Assert.StartsWith(
            $"Statistics of 2 measurements in PT1M windows that start from {Text(0)} to {Text(2)} can be filled in "
            + $"{log.Store.Description}; dry run: nothing changed\n",
            dryRun.Output,
            StringComparison.Ordinal);
        Assert.Null((await log.FindAsync(first.Key))!.Sketch);

        var filled = await RunAsync(log, 3, arguments);
        Assert.Equal(
            $"Statistics of 2 measurements in PT1M windows that start from {Text(0)} to {Text(2)} filled in {log.Store.Description}\n"
            + $"Not filled: 1 measurement in windows that start at {Text(2)}. The readings in Kafka have other statistics; "
            + "`grainsensors reconcile` says which.",
            filled.Output);
        Assert.Equal(SketchOf([20]).ToBytes(), (await log.FindAsync(first.Key))!.Sketch?.ToBytes());

        var again = JsonSerializer.Deserialize<JsonElement>((await RunAsync(log, 3, [.. arguments, "--json"])).Output);
        Assert.Equal(
            ("PT1M", 1, 0, 1, Text(2)),
            (again.GetProperty("period").GetString(), again.GetProperty("missing").GetInt64(), again.GetProperty("filled").GetInt64(),
                again.GetProperty("not_filled").GetInt64(), again.GetProperty("reasons")[0].GetProperty("from").GetString()));
        Assert.Equal(
            $"0 statistics filled in {log.Store.Description}: no final window of PT1M in the range lacks any",
            (await RunAsync(log, 0, [.. arguments, "--to", Text(2)])).Output);
    }

    [Fact]
    public async Task A_store_in_SQLite_is_filled_when_no_other_process_has_it()
    {
        await using var log = await ReconciledLog.StartAsync();
        await log.ProduceAsync(7, Start, 20);
        await log.StoreAsync(7, Start, [20], mark: 0);
        await log.CheckpointAsync(1);
        string[] arguments = ["--store", log.Store.Description];

        var refused = await ExitAsync(log, arguments);
        refused.AssertCouldNotRun("windows.db");
        await log.Store.DisposeAsync();
        var filled = await RunAsync(log, 0, arguments);
        Assert.StartsWith(
            $"Statistics of 1 measurement in PT1M windows that start at {Text(0)} filled in sqlite:", filled.Output,
            StringComparison.Ordinal);
        Assert.StartsWith("0 statistics filled in ", (await RunAsync(log, 0, arguments)).Output, StringComparison.Ordinal);
    }

    private static string Text(int minute) => EpochTime.ToIso8601(Start + (minute * Minute));

    private static async Task<Executable.Result> RunAsync(ReconciledLog log, int exitCode, params string[] arguments)
    {
        var result = await ExitAsync(log, arguments);
        Assert.True(result.ExitCode == exitCode, result.ToString());
        return result;
    }

    private static async Task<Executable.Result> ExitAsync(ReconciledLog log, string[] arguments)
    {
        var settings = new Dictionary<string, string>
        {
            ["GrainSensors__Period"] = "PT1M",
            ["GrainSensors__Retention"] = "-00:00:00.001",
            ["GrainSensors__Kafka__Topic"] = log.Kafka.Options.Topic,
            ["GrainSensors__Kafka__DeadLetterTopic"] = log.Kafka.Options.DeadLetterTopic,
            ["GrainSensors__Measurements__0__Name"] = "temperature",
            ["GrainSensors__Measurements__0__Min"] = "-100",
            ["GrainSensors__Measurements__0__Max"] = "1000",
            ["GrainSensors__Measurements__0__Sketch"] = "true",
        };
        await using var process = Executable.StartWith(
            settings, ["recompute", "--statistics", "--kafka", log.Kafka.BootstrapServers, .. arguments]);
        return await process.ExitAsync();
    }
}
