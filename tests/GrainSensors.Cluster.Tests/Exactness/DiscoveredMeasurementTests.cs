using CsCheck;
using GrainSensors.Cluster.Tests.Exactness.Simulation;
using GrainSensors.Core.Exactness;

namespace GrainSensors.Cluster.Tests.Exactness;

/// <summary>
/// Measurements that are not declared: silos with numbers of their own, names beyond the limit, and databases restored from before a
/// name.
/// </summary>
public sealed class DiscoveredMeasurementTests
{
    private static readonly Faults Faults = Faults.Usual with { Backup = 0.004, Restore = 0.002, Eviction = 0.01 };

    private static readonly int Schedules = TestLength.IsLong ? 6_000 : 1_000;

    [Fact]
    public void Whatever_fails_each_value_is_in_the_window_of_its_measurement_exactly_once() => Run(SimulatedMeasurements.Count);

    /// <summary>Which values are left out depends on the time. The others of the same readings count once.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Beyond_the_limit_values_are_left_out_and_no_other_value_is_lost_or_counts_twice(int most) => Run(most);

    private static void Run(int most) => Gen.Int[0, int.MaxValue].Sample(
        seed => Simulator.Run(seed, ExactnessRules.Default, Faults, mostMeasurements: most) is { } wrong
            ? throw new InvalidOperationException($"Seed {seed}: {wrong}")
            : true,
        iter: Schedules);
}
