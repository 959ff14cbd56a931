namespace GrainSensors.Benchmarks.Tests;

/// <summary>What every scenario understands, and what it says to what it does not.</summary>
public sealed class CommandLineTests
{
    public static TheoryData<string> Names =>
        [.. Scenarios.Create().Subcommands.Where(scenario => !scenario.Hidden).Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_scenario_prints_JSON_for_programs(string scenario)
    {
        var result = Scenarios.Create().Parse([scenario, "--json"]);
        Assert.Empty(result.Errors);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_scenario_refuses_options_that_it_does_not_know(string scenario)
    {
        var result = Scenarios.Create().Parse([scenario, "--sensorz", "7"]);
        Assert.NotEmpty(result.Errors);
    }

    [Fact]
    [Trait("Category", "System")]
    public async Task What_is_refused_is_one_sentence_and_exit_code_2()
    {
        var result = await Benchmark.RunAsync("latency", "--sensorz", "7");

        Assert.Equal(2, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Contains("--sensorz", result.Error);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }
}
