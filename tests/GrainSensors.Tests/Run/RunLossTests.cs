using GrainSensors.Run;

namespace GrainSensors.Tests.Run;

/// <summary>What a run says of readings that end with its broker.</summary>
public sealed class RunLossTests
{
    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(58, 0, "The last 58 readings could not be written to sqlite:a.db and are lost with the embedded broker. It is full.")]
    [InlineData(0, 1, "The embedded broker dropped 1 reading before the silo read them.")]
    public void Nothing_that_is_lost_is_left_out(long unwritten, long missed, string? expected) =>
        Assert.Equal(expected, RunLoss.Describe(unwritten, missed, "sqlite:a.db", ["It is full."]));
}
