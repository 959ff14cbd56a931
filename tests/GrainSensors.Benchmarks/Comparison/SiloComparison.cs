using System.CommandLine;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Benchmarks.Feeding;
using GrainSensors.Benchmarks.Ingest;
using GrainSensors.Benchmarks.Product;
using GrainSensors.Benchmarks.Servers;
using GrainSensors.Hosting.Lifetime;

namespace GrainSensors.Benchmarks.Comparison;

/// <summary>
/// What some part of a silo costs: silos with and without it work off the same log in turn, and their CPU seconds per million
/// readings are compared with those of the first contender.
/// </summary>
internal static class SiloComparison
{
    /// <param name="sensors">By default.</param>
    public static Command Create(string name, string description, int sensors, IReadOnlyList<Contender> contenders)
    {
        var of = NumberOption.Of("--sensors", "In turn, one reading a second of event time each", sensors, 1, 10_000_000);
        var readings = NumberOption.Of("--readings", "In the log", 8_000_000L, 1, 10_000_000_000);
        var warmUp = NumberOption.Of("--warm-up", "So many of them come before those that are measured", 2_000_000L, 0, 10_000_000_000);
        var partitions = NumberOption.Of("--partitions", "Of the topic", 32, 1, 1000);
        var rounds = NumberOption.Of("--rounds", "How often each is measured; the median counts", 3, 1, 1000);
        var only = new Option<string[]>("--only")
        {
            Description = "Of the contenders; by default all",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. contenders.Select(contender => contender.Name)],
        };
        only.AcceptOnlyFromAmong([.. contenders.Select(contender => contender.Name)]);
        var (kafka, postgres, json) = (ServerOptions.Kafka(), ServerOptions.Postgres(), ServerOptions.Json());
        var command = new Command(name, description) { of, readings, warmUp, partitions, rounds, only, kafka, postgres, json };
        command.SetAction((parsed, cancellation) => RunAsync(
            [.. contenders.Where(contender => parsed.GetValue(only)!.Contains(contender.Name))],
            new(
                parsed.GetValue(of),
                parsed.GetValue(readings),
                parsed.GetValue(warmUp),
                1,
                parsed.GetValue(partitions),
                parsed.GetValue(rounds),
                IngestRequest.Product),
            parsed.GetValue(kafka),
            parsed.GetValue(postgres),
            parsed.GetValue(json),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        IReadOnlyList<Contender> contenders,
        IngestRequest request,
        string? kafka,
        string? postgres,
        bool json,
        CancellationToken cancellationToken)
    {
        request.Validate();
        using var progress = new Progress();
        var table = new ResultTable<ComparisonRound>(
            progress,
            json,
            new("", 16, row => FormattableString.Invariant($"{row.Round,-3}{row.Contender}")),
            new("readings/s", 12, row => TextTable.Number(row.Result.Rate)),
            new("CPU s/M", 9, row => TextTable.Number(row.Result.CpuPerMillion, "0.000")),
            new("peak MB", 9, row => TextTable.Number(row.Result.Usage.PeakResident / 1e6)),
            new("answers", 9, row => TextTable.Number(row.Answers)),
            new("exact", 7, row => row.Result.IsExact ? "yes" : "NO"));
        table.Say($"{request.Readings:N0} readings of {request.Sensors:N0} sensors, {request.WarmUp:N0} of them to warm up");
        BatchFile? log = null;
        try
        {
            for (var round = 1; round <= request.Rounds; round++)
            {
                // Each time another one is first, should the machine get slower or faster meanwhile.
                foreach (var contender in contenders.Skip(round % contenders.Count).Concat(contenders.Take(round % contenders.Count)))
                {
                    table.Add(await MeasureAsync(round, contender));
                }
            }
        }
        finally
        {
            log?.Dispose();
        }

        var medians = contenders.Select(contender => new
        {
            Contender = contender.Name,
            CpuPerMillion = Median(contender),
            Ratio = Median(contender) / Median(contenders[0]),
        }).ToList();
        medians.ForEach(median => table.Say(
            $"   {median.Contender,-13}{"median",12}{median.CpuPerMillion,9:0.000}{median.Ratio - 1,9:+0.0 %;-0.0 %}"));
        table.End(new { request, rounds = table.Rows, medians });
        return table.Rows.All(row => row.Result.IsExact) ? ExitCodes.Success : ExitCodes.SomethingWrong;

        async Task<ComparisonRound> MeasureAsync(int round, Contender contender)
        {
            progress.Say($"round {round}: {contender.Name} starts", isNews: true);
            await using var topic = await ReadingTopic.CreateAsync(kafka, request.Partitions, cancellationToken);
            await using var database = await ScratchDatabase.CreateAsync(postgres);
            log ??= BatchFile.Create(
                new BatchSequence(request.Sensors, request.From, topic.Partitions).Take(request.Readings), _ => { }, cancellationToken);
            await using var feeder = await FeederProcess.OfAsync(topic, log);
            await using var run = await ProductRun.StartAsync(1, topic, database.ConnectionString, contender.Settings, cancellationToken);
            await using var watcher = contender.Paths.Length == 0 ? null : new Watcher(run.Page, contender.Paths);
            var (from, to) = await WorkOff.RunAsync(
                run,
                feeder,
                request.Readings,
                request.WarmUp,
                hurry: true,
                taken => progress.Say($"round {round}: {contender.Name} has taken {taken:N0} of {request.Readings:N0} readings"),
                cancellationToken);
            var isExact = await run.CountAsync(cancellationToken) == request.Readings;
            return new(
                round,
                contender.Name,
                new(request.Readings - request.WarmUp, from, to, isExact, run.Usage(from, to)),
                watcher?.Answers ?? 0);
        }

        double Median(Contender contender) =>
            table.Rows.Where(row => row.Contender == contender.Name)
                .Select(row => row.Result.CpuPerMillion).Order().ElementAt(request.Rounds / 2);
    }
}
