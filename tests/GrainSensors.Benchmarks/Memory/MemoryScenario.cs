using System.CommandLine;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Benchmarks.Servers;
using GrainSensors.Hosting.Lifetime;

namespace GrainSensors.Benchmarks.Memory;

/// <summary>What a silo holds on to for each sensor: with a window that is open, with none, and when its grain is let go.</summary>
internal static class MemoryScenario
{
    public static Command Create()
    {
        var sensors = NumberOption.Of("--sensors", "Each gets a grain and a window", 100_000, 1000, 5_000_000);
        var partitions = ServerOptions.Partitions();
        var (kafka, postgres, json) = (ServerOptions.Kafka(), ServerOptions.Postgres(), ServerOptions.Json());
        var command = new Command(
            "memory", "Bytes of a silo for each open window and each idle sensor, and how long it takes to activate them.")
        {
            sensors, partitions, kafka, postgres, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(sensors),
            parsed.GetValue(partitions),
            parsed.GetValue(kafka),
            parsed.GetValue(postgres),
            parsed.GetValue(json),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        int sensors, int partitions, string? kafka, string? postgres, bool json, CancellationToken cancellationToken)
    {
        using var progress = new Progress();
        progress.Say($"broker, PostgreSQL and silo start", isNews: true);
        await using var topic = await ReadingTopic.CreateAsync(kafka, partitions, cancellationToken);
        await using var database = await ScratchDatabase.CreateAsync(postgres);
        var stages = await new MemoryRun(sensors, topic, database.ConnectionString, progress).RunAsync(cancellationToken);
        progress.Clear();
        if (json)
        {
            JsonText.Print(new { sensors, stages });
            return ExitCodes.Success;
        }

        Console.WriteLine(FormattableString.Invariant($"{sensors:N0} sensors with two measurements each; after a full collection"));
        TextTable.Print([
            ["", "seconds", "sensors/s", "managed MB", "bytes each", "resident MB", "bytes each"],
            .. stages.Select(stage => Row(stage, stages[0], sensors))]);
        return ExitCodes.Success;
    }

    private static string[] Row(MemoryStage stage, MemoryStage first, int sensors) =>
    [
        stage.Name,
        stage == first ? "" : TextTable.Number(stage.Seconds, "0.0"),
        stage == first ? "" : TextTable.Number(sensors / stage.Seconds),
        TextTable.Number(stage.Managed / 1e6),
        stage == first ? "" : TextTable.Number((double)(stage.Managed - first.Managed) / sensors),
        TextTable.Number(stage.Resident / 1e6),
        stage == first ? "" : TextTable.Number((double)(stage.Resident - first.Resident) / sensors),
    ];
}
