using System.CommandLine;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Benchmarks.Servers;
using GrainSensors.Hosting.Lifetime;

namespace GrainSensors.Benchmarks.Recovery;

/// <summary>What a kill -9 costs: how long until rows are written again, and until nothing waits any longer.</summary>
internal static class RecoveryScenario
{
    public static Command Create()
    {
        var windows = NumberOption.Of(
            "--windows", "That are open: of so many sensors, each with a reading a second", 10_000, 10, 1_000_000);
        var silos = NumberOption.Of("--silos", "1: the one is killed and another started at once; 2: the other takes over", 1, 1, 2);
        var session = NumberOption.Of(
            "--session",
            "Seconds after which Kafka gives the partitions of a silo that is not heard of to another (Kafka:SessionTimeout)",
            10,
            1,
            300);
        var rounds = NumberOption.Of("--rounds", "How often, each time with servers of its own", 3, 1, 100);
        var partitions = NumberOption.Of("--partitions", "Of the topic", 32, 1, 1000);
        var (kafka, postgres, json) = (ServerOptions.Kafka(), ServerOptions.Postgres(), ServerOptions.Json());
        var command = new Command("recovery", "Seconds from kill -9 of a silo to the first new row, and to the last reading that waited.")
        {
            windows, silos, session, rounds, partitions, kafka, postgres, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(windows), parsed.GetValue(silos), TimeSpan.FromSeconds(parsed.GetValue(session)),
            parsed.GetValue(rounds), parsed.GetValue(partitions),
            parsed.GetValue(kafka), parsed.GetValue(postgres), parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        int windows,
        int silos,
        TimeSpan session,
        int rounds,
        int partitions,
        string? kafka,
        string? postgres,
        bool json,
        CancellationToken cancellationToken)
    {
        using var progress = new Progress();
        var results = new List<Recovery>();
        for (var round = 1; round <= rounds; round++)
        {
            progress.Say($"round {round}: broker, PostgreSQL and silos start", isNews: true);
            await using var topic = await ReadingTopic.CreateAsync(kafka, partitions, cancellationToken);
            await using var database = await ScratchDatabase.CreateAsync(postgres);
            results.Add(await new RecoveryRun(windows, silos, session, topic, database.ConnectionString).RunAsync(
                step => progress.Say($"round {round}: {step}", isNews: true), cancellationToken));
        }

        progress.Clear();
        Print(windows, silos, session, isEmbedded: kafka is null, results, json);
        return results.TrueForAll(result => result.IsExact) ? ExitCodes.Success : ExitCodes.SomethingWrong;
    }

    private static void Print(int windows, int silos, TimeSpan session, bool isEmbedded, List<Recovery> results, bool json)
    {
        var median = new Recovery(
            Median(result => result.FirstRow),
            Median(result => result.EveryRow),
            Median(result => result.CaughtUp),
            results.TrueForAll(result => result.IsExact));
        if (json)
        {
            JsonText.Print(new { windows, silos, session = session.TotalSeconds, isEmbedded, rounds = results, median });
            return;
        }

        var killed = silos == 1 ? "the only silo is killed, and another one started at once" : "one of two silos is killed";
        var rebalance = isEmbedded
            ? "; the embedded broker then takes a second less than that for the rebalance, where Kafka only waits for its members"
            : "";
        Console.WriteLine(FormattableString.Invariant(
            $"{windows:N0} open windows, a reading a second in each; {killed}; seconds since then"));
        Console.WriteLine(FormattableString.Invariant(
            $"Kafka waits {session.TotalSeconds:0} s for the silo that is gone{rebalance}."));
        TextTable.Print([
            ["round", "first new row", "every row of the sample", "caught up", "exact"],
            .. results.Select((result, round) => Row(FormattableString.Invariant($"{round + 1}"), result)),
            Row("median", median)]);

        double Median(Func<Recovery, double> value) => results.Select(value).Order().ElementAt(results.Count / 2);

        static string[] Row(string name, Recovery result) =>
            [name, Seconds(result.FirstRow), Seconds(result.EveryRow), Seconds(result.CaughtUp), result.IsExact ? "yes" : "NO"];

        static string Seconds(double seconds) => TextTable.Number(seconds, "0.00");
    }
}
