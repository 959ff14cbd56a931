using System.CommandLine;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Benchmarks.Feeding;
using GrainSensors.Benchmarks.Ingest;
using GrainSensors.Benchmarks.Product;
using GrainSensors.Benchmarks.Servers;
using GrainSensors.Hosting.Lifetime;

namespace GrainSensors.Benchmarks.Guard;

/// <summary>
/// Whether the product has become much slower: a silo and a bare loop, both warm, take chunks of the same log in turn, and the
/// ratio of their rates is less than half of what it was in every round. Times say nothing on a machine that others use
/// as well; the ratio of neighbours in time does, and where one round was disturbed another is not.
/// </summary>
internal static class GuardScenario
{
    /// <summary>A silo that has lost half of its speed is no accident of measuring.</summary>
    private const double Tolerated = 0.5;

    private static readonly TimeSpan Age = TimeSpan.FromDays(1);

    /// <summary>Rows are written, and checkpoints taken, in each chunk, and nobody waits for them afterwards.</summary>
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["GrainSensors__CheckpointInterval"] = "00:00:00.4",
        ["GrainSensors__MaxCheckpointInterval"] = "00:00:01",
    };

    public static Command Create()
    {
        var rounds = NumberOption.Of("--rounds", "At most; it ends with the first one that is fast enough", 5, 1, 100);
        var baseline = new Option<double>("--baseline")
        {
            HelpName = "RATIO",
            Description = "To compare with; 0: measure all rounds",
            DefaultValueFactory = _ => Baseline.Ratio,
        };
        var json = ServerOptions.Json();
        var command = new Command("guard", "Fails (4) where a silo is at less than half of its usual speed in relation to the bare loop.")
        {
            rounds, baseline, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(rounds), parsed.GetValue(baseline), parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(int rounds, double baseline, bool json, CancellationToken cancellationToken)
    {
        using var progress = new Progress();
        var table = new ResultTable<GuardRound>(
            progress,
            json,
            new("round", 6, row => TextTable.Number(row.Number)),
            new("bare loop/s", 13, row => TextTable.Number(row.Bare)),
            new("silo/s", 13, row => TextTable.Number(row.Silo)),
            new("ratio", 8, row => TextTable.Number(row.Ratio, "0.00")));
        progress.Say($"brokers, PostgreSQL, bare loop and silo start", isNews: true);
        using var log = BatchFile.Create(Enumerable.Range(0, rounds + 1).SelectMany(Chunk), _ => { }, cancellationToken);
        await using var database = await ScratchDatabase.CreateAsync(null);
        await using var siloTopic = await ReadingTopic.CreateAsync(null, Baseline.Partitions, cancellationToken);
        await using var bareTopic = await ReadingTopic.CreateAsync(null, Baseline.Partitions, cancellationToken);
        await using var silo = await ProductRun.StartAsync(1, siloTopic, database.ConnectionString, Settings, cancellationToken);
        await using var bare = await BareRun.StartAsync(bareTopic, database.ConnectionString, long.MaxValue, 0, cancellationToken);
        await using var siloFeeder = await FeederProcess.OfAsync(siloTopic, log, Baseline.Chunk);
        await using var bareFeeder = await FeederProcess.OfAsync(bareTopic, log, Baseline.Chunk);
        var siloLane = new GuardLane(siloFeeder, async () =>
        {
            silo.ThrowIfEnded();
            return [.. (await silo.PartitionsAsync()).Select(partition => (partition.Partition, partition.Position))];
        });
        var bareLane = new GuardLane(bareFeeder, () =>
        {
            bare.ThrowIfEnded();
            return Task.FromResult(bare.Positions());
        });

        // The round before the first has both compile, and the silo activate its grains.
        for (var round = 0; round <= rounds && !IsFastEnough(); round++)
        {
            progress.Say($"round {round} of {rounds} at most", isNews: true);
            var siloRate = await siloLane.RunAsync(Baseline.Chunk, cancellationToken);
            var taken = (round + 1) * Baseline.Chunk;

            // What the silo has yet to write must not disturb the other.
            await Patiently.UntilAsync(
                async () => (await silo.CheckpointedAsync(cancellationToken)).Readings == taken,
                "the silo's checkpoint does not come",
                cancellationToken);
            var bareRate = await bareLane.RunAsync(Baseline.Chunk, cancellationToken);
            if (round > 0)
            {
                table.Add(new(round, bareRate, siloRate));
            }
        }

        var best = table.Rows.Max(row => row.Ratio);
        var isFast = best >= Tolerated * baseline;
        var verdict = isFast ? "fast enough" : "LESS THAN HALF";
        table.Say($"The silo makes {best:0.00} of the bare loop's rate in the best round; the baseline is {baseline:0.00}: {verdict}");
        table.End(new { baseline, best, isFast, rounds = table.Rows });
        return isFast ? ExitCodes.Success : ExitCodes.SomethingWrong;

        bool IsFastEnough() => baseline > 0 && table.Rows.Any(row => row.Ratio >= Tolerated * baseline);
    }

    private static IEnumerable<Batch> Chunk(int number)
    {
        var from = DateTimeOffset.UtcNow.Subtract(Age).ToUnixTimeSeconds() + (number * Baseline.Chunk / Baseline.Sensors);
        return new BatchSequence(Baseline.Sensors, from, Baseline.Partitions).Take(Baseline.Chunk);
    }
}
