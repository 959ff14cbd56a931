using System.Globalization;

namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>How often each fault is tried, and how hard. <c>GRAINSENSORS_TEST_SEEDS=3,17</c> tries these seeds only.</summary>
public static class FaultSeeds
{
    public static bool IsLong => TestLength.IsLong;

    public static TheoryData<int> All => Given ?? [.. Enumerable.Range(1, IsLong ? 20 : 1)];

    /// <summary>For faults that take their time.</summary>
    public static TheoryData<int> Few => Given ?? [.. Enumerable.Range(1, IsLong ? 5 : 1)];

    private static TheoryData<int>? Given => Environment.GetEnvironmentVariable("GRAINSENSORS_TEST_SEEDS") is { Length: > 0 } given
        ? [.. given.Split(',').Select(seed => int.Parse(seed, CultureInfo.InvariantCulture))]
        : null;
}
