using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using GrainSensors.Silo;

namespace GrainSensors.Benchmarks.Micro;

/// <summary>The small benchmarks, by BenchmarkDotNet and with its options.</summary>
internal static class MicroCommand
{
    private static readonly Type[] Benchmarks = [typeof(ParseBenchmark), typeof(GroupBenchmark), typeof(AccumulateBenchmark), typeof(SerializeBenchmark)];

    public static Command Create()
    {
        var arguments = new Argument<string[]>("options") { Description = "Of BenchmarkDotNet, such as --filter '*Parse*' or --job short; all benchmarks where none is named", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("micro", "Nanoseconds and bytes to parse, group, accumulate and serialize readings, by BenchmarkDotNet.") { arguments };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(parsed => Run([.. parsed.GetValue(arguments)!, .. parsed.UnmatchedTokens]));
        return command;
    }

    private static int Run(string[] arguments)
    {
        string[] all = arguments.Contains("--filter") || arguments.Contains("-f") || arguments.Contains("--list") ? arguments : [.. arguments, "--filter", "*"];
        var artifacts = Path.Combine(Path.GetTempPath(), "grainsensors-micro");
        var summaries = BenchmarkSwitcher.FromTypes(Benchmarks).Run(all, DefaultConfig.Instance.WithArtifactsPath(artifacts));
        return summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success)) ? ExitCodes.Success : ExitCodes.SomethingWrong;
    }
}
