using System.Text.Json;

namespace GrainSensors.Benchmarks.Tests;

/// <summary>Fails where the product has lost half of its speed in relation to a bare loop on the same machine, and never because the machine is slow.</summary>
[Trait("Category", "System")]
public sealed class SpeedGuardTests
{
    [Fact]
    public async Task The_product_keeps_half_of_its_usual_pace_beside_a_bare_loop()
    {
        var result = await Benchmark.RunAsync("guard", "--json");
        Assert.True(result.ExitCode == 0, result.ToString());

        using var json = JsonDocument.Parse(result.Output);
        Figures.Print(FormattableString.Invariant(
            $"Speed: a silo makes {json.RootElement.GetProperty("best").GetDouble():0.00} of the bare loop's rate, the baseline is {json.RootElement.GetProperty("baseline").GetDouble():0.00}"));
    }
}
