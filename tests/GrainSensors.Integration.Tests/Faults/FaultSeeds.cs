namespace GrainSensors.Integration.Tests.Faults;

/// <summary>How often each fault is tried, and how hard. <c>GRAINSENSORS_TEST_SEEDS=3,17</c> gives seeds again.</summary>
internal static class FaultSeeds
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("GRAINSENSORS_TEST_LONG") == "1";

    /// <summary>Kills and the like in one run.</summary>
    public static int Rounds { get; } = IsLong ? 10 : 3;

    public static TheoryData<int> All => Environment.GetEnvironmentVariable("GRAINSENSORS_TEST_SEEDS") is { Length: > 0 } given
        ? [.. given.Split(',').Select(int.Parse)]
        : [.. Enumerable.Range(1, IsLong ? 20 : 5)];
}
