using CsCheck;
using GrainSensors.Cluster.Tests.Exactness.Simulation;
using GrainSensors.Core.Exactness;

namespace GrainSensors.Cluster.Tests.Exactness;

/// <summary>Messages with several readings of several sensors, which share an offset: rule 18.</summary>
public sealed class ManyReadingsTests
{
    private const int SchedulesToBreak = 5_000;
    private static readonly int Schedules = TestLength.IsLong ? 6_000 : 2_000;

    [Fact]
    public void Whatever_fails_each_reading_of_each_message_is_in_its_window_exactly_once() =>
        Gen.Int[0, int.MaxValue].Sample(
            seed => Simulator.Run(seed, ExactnessRules.Default, Faults.Usual, messages: new()) is { } wrong
                ? throw new InvalidOperationException($"Seed {seed}: {wrong}")
                : true,
            iter: Schedules);

    [Fact]
    public void Batches_with_a_part_of_a_message_lose_the_rest_of_it()
    {
        var wrong = Enumerable.Range(0, SchedulesToBreak)
            .Select(seed => Simulator.Run(seed, ExactnessRules.Default, Faults.Usual, messages: new(AreSplit: true)))
            .FirstOrDefault(outcome => outcome?.StartsWith("lost", StringComparison.Ordinal) == true);
        Assert.NotNull(wrong);
    }
}
