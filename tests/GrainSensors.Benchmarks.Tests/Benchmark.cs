namespace GrainSensors.Benchmarks.Tests;

/// <summary>The benchmark program in a process of its own, as a person runs it.</summary>
internal static class Benchmark
{
    /// <summary>
    /// The runtime settings of a silo as it ships. tests/run.sh makes the processes of the tests compile quickly, which halves the speed
    /// of a silo, and turns off the protection of compiled code.
    /// </summary>
    private static readonly Dictionary<string, string> AsShipped = new()
    {
        ["DOTNET_TC_QuickJit"] = "0",
        ["DOTNET_EnableWriteXorExecute"] = "1",
    };

    /// <summary>A machine that is busy otherwise is no failure.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static async Task<Executable.Result> RunAsync(params string[] arguments)
    {
        await using var benchmark = Executable.StartAssembly(
            Path.Combine(AppContext.BaseDirectory, "GrainSensors.Benchmarks.dll"), AsShipped, arguments);
        return await benchmark.ExitAsync(Patience);
    }
}
