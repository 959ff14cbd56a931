using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Hosting.Lifetime;

namespace GrainSensors.Benchmarks.Micro;

/// <summary>What the steps of a reading's way cost by themselves, by BenchmarkDotNet.</summary>
internal static class MicroCommand
{
    private static readonly Dictionary<string, Type> Benchmarks = new()
    {
        ["parse"] = typeof(ParseBenchmark),
        ["group"] = typeof(GroupBenchmark),
        ["accumulate"] = typeof(AccumulateBenchmark),
        ["sketch"] = typeof(SketchBenchmark),
        ["serialize"] = typeof(SerializeBenchmark),
    };

    private static readonly Dictionary<string, Job> Jobs = new()
    {
        ["dry"] = Job.Dry,
        ["short"] = Job.ShortRun,
        ["medium"] = Job.MediumRun,
        ["long"] = Job.LongRun,
    };

    public static Command Create()
    {
        var only = new Option<string[]>("--only")
        {
            Description = "Of all steps",
            DefaultValueFactory = _ => [.. Benchmarks.Keys],
            AllowMultipleArgumentsPerToken = true,
        };
        only.AcceptOnlyFromAmong([.. Benchmarks.Keys]);
        var job = new Option<string>("--job")
        {
            Description = "How often they are repeated; dry: once, to see that they work",
            DefaultValueFactory = _ => "short",
        };
        job.AcceptOnlyFromAmong([.. Jobs.Keys]);
        var json = ServerOptions.Json();
        var command = new Command("micro", "Nanoseconds and bytes to parse, group, accumulate, sketch and serialize readings.")
        {
            only, job, json,
        };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(only), parsed.GetRequiredValue(job), parsed.GetValue(json)));
        return command;
    }

    private static int Run(IEnumerable<string> steps, string job, bool json)
    {
        using var progress = new Progress();
        var table = new ResultTable<MicroResult>(
            progress,
            json,
            new("", 36, row => $"{row.Step} {row.Parameters}"),
            new("ns", 11, row => TextTable.Number(row.Nanoseconds, "N1")),
            new("± ns", 9, row => TextTable.Number(row.Error, "N1")),
            new("bytes", 7, row => TextTable.Number(row.Bytes)));

        // In this process: BenchmarkDotNet would build a project of its own, with everything that the product is made of.
        var config = ManualConfig.CreateEmpty()
            .AddJob(Jobs[job].WithToolchain(InProcessEmitToolchain.DontLogOutput))
            .AddLogger(NullLogger.Instance)
            .WithOptions(ConfigOptions.DisableLogFile);
        var isComplete = true;
        foreach (var step in steps)
        {
            progress.Say($"{step} is measured", isNews: true);
            foreach (var report in BenchmarkRunner.Run(Benchmarks[step], config).Reports)
            {
                isComplete &= report.ResultStatistics is not null;
                if (report.ResultStatistics is not null)
                {
                    table.Add(Result(report));
                }
            }
        }

        table.Say($"Of a reading; to add, serialize and deserialize, of a call with so many readings.");
        table.End(new { job, isComplete, results = table.Rows });
        return isComplete ? ExitCodes.Success : ExitCodes.SomethingWrong;
    }

    private static MicroResult Result(BenchmarkReport report) => new(
        report.BenchmarkCase.Descriptor.WorkloadMethod.Name,
        report.BenchmarkCase.Parameters.DisplayInfo,
        report.ResultStatistics!.Mean,
        report.ResultStatistics.StandardError,
        report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0);
}
