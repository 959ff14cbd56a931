using System.CommandLine;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Hosting.Lifetime;

namespace GrainSensors.Benchmarks.Parsing;

/// <summary>The contract's parser beside mappings of JSON, on one thread.</summary>
internal static class ParseScenario
{
    public static Command Create()
    {
        var mapping = new Option<bool>("--mapping") { Description = "Also through the mapping of a source" };
        var rounds = NumberOption.Of("--rounds", "Each parser in turn, so many times; the medians count", 5, 1, 100);
        var json = ServerOptions.Json();
        var command = new Command("parse", "Nanoseconds to parse a reading: the contract's JSON, and JSON of a source's mapping.")
        {
            mapping, rounds, json,
        };
        command.SetAction(result => Run(result.GetValue(mapping), result.GetRequiredValue(rounds), result.GetValue(json)));
        return command;
    }

    private static int Run(bool mapping, int rounds, bool json)
    {
        using var progress = new Progress();
        var table = new ResultTable<ParseFigures>(
            progress,
            json,
            new("", 34, row => row.Name),
            new("ns", 9, row => TextTable.Number(row.Nanoseconds, "N1")),
            new("of contract", 13, row => TextTable.Number(row.Share * 100, "N0") + " %"),
            new("bytes", 8, row => TextTable.Number(row.Allocated, "N1")));
        ParseLane[] lanes = mapping ? ParseLane.All : [ParseLane.Contract];
        var times = lanes.Select(_ => new List<ParseFigures>()).ToArray();
        for (var round = 1; round <= rounds; round++)
        {
            progress.Say($"round {round} of {rounds}", isNews: true);
            foreach (var (number, lane) in lanes.Index())
            {
                times[number].Add(lane.Measure());
            }
        }

        var medians = times.Select(round => round.OrderBy(figures => figures.Nanoseconds).ElementAt(round.Count / 2)).ToList();
        foreach (var row in medians)
        {
            table.Add(row with { Share = medians[0].Nanoseconds / row.Nanoseconds });
        }

        table.Say($"Of a reading with two values; messages of 1,000 sensors.");
        table.End(new { rounds, results = table.Rows });
        return table.Rows.All(row => row.Allocated < 1) ? ExitCodes.Success : ExitCodes.SomethingWrong;
    }
}
