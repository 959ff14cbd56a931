using CsCheck;
using GrainSensors.Cluster.Tests.Exactness.Simulation;
using GrainSensors.Core.Exactness;

namespace GrainSensors.Cluster.Tests.Exactness;

/// <summary>
/// Longer windows: panes that close, reopen and are restored while mergers run, several at once, and end at any point.
/// </summary>
public sealed class MergedWindowTests
{
    private const int SchedulesToBreak = 5_000;
    private static readonly int Schedules = TestLength.IsLong ? 10_000 : 2_000;

    /// <summary>Databases are restored ten times as often as elsewhere.</summary>
    private static readonly Faults Faults = Faults.Usual with { Backup = 0.006, Restore = 0.004 };

    [Fact]
    public void Whatever_fails_each_longer_window_is_the_merge_of_its_panes() =>
        Gen.Int[0, int.MaxValue].Sample(
            seed => Simulator.Run(seed, ExactnessRules.Default, Faults, merging: new()) is { } wrong
                ? throw new InvalidOperationException($"Seed {seed}: {wrong}")
                : true,
            iter: Schedules);

    [Fact]
    public void A_merge_without_a_comparison_of_versions_hides_a_pane() => Assert.NotNull(FirstFailure(new() { ComparesVersions = false }));

    [Fact]
    public void A_late_pane_that_marks_nothing_is_never_merged() => Assert.NotNull(FirstFailure(new() { MarksLatePanes = false }));

    [Fact]
    public void A_mark_without_a_new_version_is_erased_by_a_merge() => Assert.NotNull(FirstFailure(new() { GivesNewVersions = false }));

    [Fact]
    public void A_mark_in_another_transaction_than_its_pane_is_lost() => Assert.NotNull(FirstFailure(new() { MarksWithPane = false }));

    [Fact]
    public void A_merge_that_marks_nothing_leaves_the_windows_that_are_merged_from_it() =>
        Assert.NotNull(FirstFailure(new() { MarksMerges = false }));

    [Fact]
    public void A_version_that_is_read_after_the_panes_hides_a_pane() => Assert.NotNull(FirstFailure(new() { ReadsVersionsFirst = false }));

    [Fact]
    public void A_merge_of_another_life_of_the_store_has_panes_that_are_lost() =>
        Assert.NotNull(FirstFailure(new() { ComparesLives = false }));

    /// <returns>The first failure with its seed.</returns>
    private static string? FirstFailure(Merging merging)
    {
        for (var seed = 0; seed < SchedulesToBreak; seed++)
        {
            if (Simulator.Run(seed, ExactnessRules.Default, Faults, merging: merging) is { } wrong)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"Seed {seed}: {wrong}");
                Assert.StartsWith("stale: ", wrong, StringComparison.Ordinal);
                return wrong;
            }
        }

        return null;
    }
}
