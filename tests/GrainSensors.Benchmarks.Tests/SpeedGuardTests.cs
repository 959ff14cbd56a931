using System.Text.Json;

namespace GrainSensors.Benchmarks.Tests;

/// <summary>
/// Fails if the product has lost half of its speed in relation to a bare loop on the same machine. A slow machine is no failure.
/// </summary>
[Trait("Category", "System")]
public sealed class SpeedGuardTests
{
    [Fact]
    public async Task The_product_keeps_half_of_its_usual_pace_beside_a_bare_loop()
    {
        var result = await Benchmark.RunAsync("guard", "--json");
        Assert.True(result.ExitCode == 0, result.ToString());

        using var json = JsonDocument.Parse(result.Output);
        var (best, baseline) = (json.RootElement.GetProperty("best").GetDouble(), json.RootElement.GetProperty("baseline").GetDouble());
        Figures.Print(FormattableString.Invariant(
            $"Speed: a silo makes {best:0.00} of the bare loop's rate, the baseline is {baseline:0.00}"));
    }
}
