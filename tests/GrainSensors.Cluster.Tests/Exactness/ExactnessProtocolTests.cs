using CsCheck;
using GrainSensors.Cluster.Tests.Exactness.Simulation;
using GrainSensors.Core.Exactness;

namespace GrainSensors.Cluster.Tests.Exactness;

/// <summary>
/// The window grain and the partition loop of production under random faults: crashes, duplicate activations,
/// delayed and repeated calls, refused and partial writes, zombie loops, eviction.
/// </summary>
public sealed class ExactnessProtocolTests
{
    private static readonly int Schedules = TestLength.IsLong ? 10_000 : 4_000;
    private static readonly int WatchedSchedules = TestLength.IsLong ? 3_000 : 1_000;

    /// <summary>
    /// Faults without duplicate activations. Of two activations, the one that is behind learns so when its state is refused. Until
    /// then it may raise wrong alerts, which the next activation clears. A simulated eviction also leaves the old activation writing.
    /// </summary>
    private static readonly Faults OneActivation =
        Faults.Usual with { DuplicateActivation = 0, Eviction = 0, LeaderChange = 0, Restore = 0 };

    private static readonly Faults OftenTruncated = Faults.Usual with { LeaderChange = 0.004, Eviction = 0.02 };

    private static readonly Faults OftenRestored =
        Faults.Usual with { Backup = 0.05, Restore = 0.01, Eviction = 0.01, DuplicateActivation = 0.1 };

    /// <summary>The largest number of seeds for a broken rule. Most rules fail within a few seeds, a few rules need hundreds.</summary>
    private const int SchedulesToBreak = 5_000;

    [Fact]
    public void Whatever_fails_each_reading_is_in_its_window_exactly_once() =>
        Gen.Int[0, int.MaxValue].Sample(
            seed => Simulator.Run(seed, ExactnessRules.Default, Faults.Usual) is { } wrong
                ? throw new InvalidOperationException($"Seed {seed}: {wrong}")
                : true,
            iter: Schedules);

    /// <summary>
    /// Once in some thousand schedules a write of an activation from before a restore meets the row version that it knows, although
    /// another activation had written readings that the first one lacks.
    /// </summary>
    [Fact]
    public void However_often_the_store_is_restored_each_reading_is_in_its_window_exactly_once() =>
        Gen.Int[0, int.MaxValue].Sample(
            seed => Simulator.Run(seed, ExactnessRules.Default, OftenRestored) is { } wrong
                ? throw new InvalidOperationException($"Seed {seed}: {wrong}")
                : true,
            iter: Schedules);

    /// <summary>The seed of a fixed bug: a close by an activation that lacked a row of another activation left that row open.</summary>
    [Theory]
    [InlineData(1595964765)]
    public void A_schedule_that_once_failed_is_exact(int seed) =>
        Assert.Null(Simulator.Run(seed, ExactnessRules.Default, Faults.Usual));

    [Fact]
    public void Without_faults_nothing_is_rewound_and_everything_is_exact() =>
        Gen.Int[0, int.MaxValue].Sample(seed => Simulator.Run(seed, ExactnessRules.Default, Faults.None) is null, iter: 200);

    /// <summary>The log and the store lose nothing; a store that is restored lacks refusals.</summary>
    private static readonly Faults NothingIsCut = Faults.Usual with { LeaderChange = 0, Restore = 0, LoopCrash = 0.004, Zombie = 0.006 };

    [Fact]
    public void Whatever_fails_a_reading_is_in_its_window_once_or_a_dead_letter() =>
        Gen.Int[0, int.MaxValue].Sample(
            seed => Simulator.Run(seed, ExactnessRules.Default, NothingIsCut, judging: new()) is { } wrong
                ? throw new InvalidOperationException($"Seed {seed}: {wrong}")
                : true,
            iter: Schedules);

    [Theory]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    public void Without_a_memory_of_judgements_a_reading_is_both_in_its_window_and_a_dead_letter(
        bool storesRefusals, bool byAllTimes, bool untilEnd) =>
        Assert.NotNull(FirstFailure(
            ExactnessRules.Default, storeChecksVersions: true, "double", judging: new(storesRefusals, byAllTimes, untilEnd),
            faults: NothingIsCut));

    /// <summary>A limit that the documentation states: a restored store lacks refusals whose dead letters are written.</summary>
    [Fact]
    public void After_a_restore_a_reading_may_be_both_in_its_window_and_a_dead_letter() =>
        Assert.NotNull(FirstFailure(
            ExactnessRules.Default, storeChecksVersions: true, "double", judging: new(),
            faults: NothingIsCut with { Restore = Faults.Usual.Restore }));

    [Theory]
    [InlineData(typeof(BrokenRules.EarlyReadingsNeedNoOwnership))]
    [InlineData(typeof(BrokenRules.LateReadingsNeedNoOwnership))]
    public void Without_a_proof_of_ownership_a_reading_is_both_in_its_window_and_a_dead_letter(Type broken) =>
        Assert.NotNull(FirstFailure(
            (ExactnessRules)Activator.CreateInstance(broken)!, storeChecksVersions: true, "double", judging: new(), faults: NothingIsCut));

    [Theory]
    [InlineData(typeof(BrokenRules.LogHasOneIncarnation))]
    [InlineData(typeof(BrokenRules.StoreHasOneLife))]
    [InlineData(typeof(BrokenRules.RowTakesEverything))]
    [InlineData(typeof(BrokenRules.LoadingRowsRaisesSeen))]
    [InlineData(typeof(BrokenRules.NoGap))]
    [InlineData(typeof(BrokenRules.PartialFlushVouches))]
    [InlineData(typeof(BrokenRules.FlushVouchesForWhatCameLater))]
    [InlineData(typeof(BrokenRules.RefusedRowIsDroppedAlone))]
    [InlineData(typeof(BrokenRules.AnyAnswerCovers))]
    [InlineData(typeof(BrokenRules.NeverRewindsAfterFlush))]
    [InlineData(typeof(BrokenRules.StaleBatchesAreKept))]
    [InlineData(typeof(BrokenRules.FailedAddsAreSkipped))]
    [InlineData(typeof(BrokenRules.CheckpointDoesNotWait))]
    public void With_a_rule_switched_off_readings_are_lost_or_counted_twice(Type broken) =>
        Assert.NotNull(FirstFailure((ExactnessRules)Activator.CreateInstance(broken)!, storeChecksVersions: true));

    [Theory]
    [InlineData(typeof(BrokenRules.LastToArriveIsLatest))]
    [InlineData(typeof(BrokenRules.TimeAloneDecidesLatest))]
    public void With_a_rule_switched_off_the_latest_reading_depends_on_the_order_of_arrival(Type broken) =>
        Assert.NotNull(FirstFailure((ExactnessRules)Activator.CreateInstance(broken)!, storeChecksVersions: true, "latest"));

    [Fact]
    public void Whatever_fails_the_smallest_value_of_each_step_counts_once() =>
        Gen.Int[0, int.MaxValue].Sample(
            seed => Simulator.Run(seed, ExactnessRules.Default, Faults.Usual, deduplicates: true) is { } wrong
                ? throw new InvalidOperationException($"Seed {seed}: {wrong}")
                : true,
            iter: Schedules);

    [Theory]
    [InlineData(typeof(BrokenRules.FirstValueOfStepCounts))]
    [InlineData(typeof(BrokenRules.LastValueOfStepCounts))]
    [InlineData(typeof(BrokenRules.StepsAreOnlyInMemory))]
    [InlineData(typeof(BrokenRules.PartialFlushVouches))]
    [InlineData(typeof(BrokenRules.RefusedRowIsDroppedAlone))]
    public void With_a_rule_switched_off_other_values_of_a_step_count(Type broken) =>
        Assert.NotNull(FirstFailure((ExactnessRules)Activator.CreateInstance(broken)!, storeChecksVersions: true, deduplicates: true));

    [Fact]
    public void Whatever_fails_the_alerts_are_those_of_the_readings() =>
        Gen.Int[0, int.MaxValue].Sample(
            seed => Simulator.Run(seed, ExactnessRules.Default, OneActivation, watching: Watching.Alerts) is { } wrong
                ? throw new InvalidOperationException($"Seed {seed}: {wrong}")
                : true,
            iter: WatchedSchedules);

    [Theory]
    [InlineData(typeof(BrokenRules.RowTakesEverything))]
    [InlineData(typeof(BrokenRules.LoadingRowsRaisesSeen))]
    [InlineData(typeof(BrokenRules.NoGap))]
    public void With_a_rule_switched_off_alerts_are_others_than_those_of_the_readings(Type broken) =>
        Assert.NotNull(
            FirstFailure((ExactnessRules)Activator.CreateInstance(broken)!, storeChecksVersions: true, "alert", watching: Watching.Alerts));

    [Fact]
    public void Whatever_fails_the_states_of_monitors_hold_each_reading_once() =>
        Gen.Int[0, int.MaxValue].Sample(
            seed => Simulator.Run(seed, ExactnessRules.Default, OftenTruncated, watching: Watching.Readings) is { } wrong
                ? throw new InvalidOperationException($"Seed {seed}: {wrong}")
                : true,
            iter: Schedules);

    /// <remarks>A state has one version, so its marks vouch for all that it holds: loading it may raise what was seen.</remarks>
    [Theory]
    [InlineData(typeof(BrokenRules.RowTakesEverything))]
    [InlineData(typeof(BrokenRules.StoreHasOneLife))]
    [InlineData(typeof(BrokenRules.NoGap))]
    [InlineData(typeof(BrokenRules.PartialFlushVouches))]
    [InlineData(typeof(BrokenRules.ChangesOfFailedWritesAreForgotten))]
    [InlineData(typeof(BrokenRules.MarksAreThoseOfLaterReadings))]
    public void With_a_rule_switched_off_readings_are_missing_in_the_states_of_monitors_or_there_twice(Type broken) =>
        Assert.NotNull(FirstFailure(
            (ExactnessRules)Activator.CreateInstance(broken)!, storeChecksVersions: true, "monitor", Watching.Readings));

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void With_old_changes_or_in_another_life_the_states_of_monitors_are_wrong(bool removesChanges, bool checksLife) =>
        Assert.NotNull(FirstFailure(
            ExactnessRules.Default, storeChecksVersions: true, "monitor",
            Watching.Readings with { RemovesChanges = removesChanges, ChecksLife = checksLife }, faults: OftenRestored));

    [Fact]
    public void Without_tokens_in_the_store_readings_are_lost() =>
        Assert.NotNull(FirstFailure(ExactnessRules.Default, storeChecksVersions: false));

    /// <returns>The first loss or double count with its seed; null if there is none within the limit.</returns>
    private static string? FirstFailure(
        ExactnessRules rules, bool storeChecksVersions, string kind = "", Watching? watching = null,
        Judging? judging = null, Faults? faults = null, bool deduplicates = false)
    {
        for (var seed = 0; seed < SchedulesToBreak; seed++)
        {
            var outcome = Simulator.Run(
                seed, rules, faults ?? Faults.Usual, storeChecksVersions, watching, deduplicates, judging: judging);
            if (outcome is { } wrong
                && wrong.StartsWith(kind, StringComparison.Ordinal) && !wrong.StartsWith("stuck", StringComparison.Ordinal))
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"Seed {seed}: {wrong}");
                return wrong;
            }
        }

        return null;
    }
}
