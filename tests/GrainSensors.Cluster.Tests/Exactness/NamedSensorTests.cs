using CsCheck;
using GrainSensors.Cluster.Tests.Exactness.Simulation;
using GrainSensors.Core.Exactness;

namespace GrainSensors.Cluster.Tests.Exactness;

/// <summary>
/// Sensors with names: silos that die between the naming and the adding, silos that name the same sensor at once, and databases
/// restored from before a name.
/// </summary>
public sealed class NamedSensorTests
{
    private const int SchedulesToBreak = 5_000;

    /// <summary>Databases are restored five times as often as elsewhere.</summary>
    private static readonly Faults Faults = Faults.Usual with { Backup = 0.004, Restore = 0.002, Eviction = 0.01 };

    private static readonly int Schedules = TestLength.IsLong ? 6_000 : 2_000;

    [Fact]
    public void Whatever_fails_each_reading_is_in_the_window_of_its_name_exactly_once() =>
        Gen.Int[0, int.MaxValue].Sample(
            seed => Simulator.Run(seed, ExactnessRules.Default, Faults, naming: new()) is { } wrong
                ? throw new InvalidOperationException($"Seed {seed}: {wrong}")
                : true,
            iter: Schedules);

    [Theory]
    [InlineData(typeof(BrokenRules.NumbersAreNotReadBack))]
    [InlineData(typeof(BrokenRules.NumbersSurviveRestores))]
    [InlineData(typeof(BrokenRules.StoreHasOneLife))]
    public void With_a_rule_switched_off_readings_are_in_wrong_windows(Type broken) =>
        Assert.NotNull(FirstFailure((ExactnessRules)Activator.CreateInstance(broken)!, new()));

    /// <summary>The log and the store lose nothing; a store that is restored lacks refusals.</summary>
    private static readonly Faults NothingIsCut = Faults.Usual with { LeaderChange = 0, Restore = 0, LoopCrash = 0.004, Zombie = 0.006 };

    [Fact]
    public void Whatever_fails_a_reading_of_a_name_beyond_a_limit_is_in_its_window_once_or_a_dead_letter() =>
        Gen.Int[0, int.MaxValue].Sample(
            seed => Simulator.Run(
                seed, ExactnessRules.Default, NothingIsCut, naming: new() { IsLimited = true }, judging: new()) is { } wrong
                ? throw new InvalidOperationException($"Seed {seed}: {wrong}")
                : true,
            iter: Schedules);

    [Fact]
    public void Without_a_proof_of_ownership_a_reading_of_a_name_is_both_in_its_window_and_a_dead_letter() =>
        Assert.NotNull(FirstFailure(
            new BrokenRules.NumbersNeedNoOwnership(), new() { IsLimited = true }, NothingIsCut, new()));

    [Fact]
    public void Numbers_that_are_used_before_they_are_committed_leave_readings_without_a_name() =>
        Assert.NotNull(FirstFailure(ExactnessRules.Default, new() { IsCommitted = false }));

    [Fact]
    public void Names_that_are_older_than_rows_break_them() =>
        Assert.NotNull(FirstFailure(ExactnessRules.Default, new() { IsRestoredWithRows = false }));

    /// <returns>The first failure with its seed. Readings whose number has no name any more are never written: "stuck".</returns>
    private static string? FirstFailure(ExactnessRules rules, Naming naming, Faults? faults = null, Judging? judging = null)
    {
        for (var seed = 0; seed < SchedulesToBreak; seed++)
        {
            if (Simulator.Run(seed, rules, faults ?? Faults, naming: naming, judging: judging) is { } wrong)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"Seed {seed}: {wrong}");
                return wrong;
            }
        }

        return null;
    }
}
