namespace GrainSensors.Tests.Shared;

/// <summary>How much a run may take: the gate answers in minutes, <c>tests/run.sh --long</c> has hours.</summary>
internal static class TestLength
{
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("GRAINSENSORS_TEST_LONG") == "1";
}
