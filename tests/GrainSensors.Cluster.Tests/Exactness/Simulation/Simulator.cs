using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>
/// Runs the partition loops and window grains of production against a log, a store and a directory that fail. After the faults it
/// runs to a quiet end and compares every row with the readings of the log.
/// </summary>
internal static class Simulator
{
    private const int StepsToTheEnd = 200_000;

    private static readonly IngestOptions Options = new()
    {
        Period = Schedule.Period,
        Grace = TimeSpan.FromSeconds(5),
        IdleTimeout = TimeSpan.FromSeconds(30),
        CheckpointInterval = TimeSpan.FromSeconds(2),
        MaxCheckpointInterval = TimeSpan.FromSeconds(10),
        MaxReadingsPerCheckpoint = 12,
        BufferCapacity = 8,
    };

    private static readonly Deduplication Steps =
        new(Schedule.Period, EpochTime.ToTimeSpan(Schedule.TimeStep), MeasurementSet.Default.Count);

    /// <param name="watching">null: without monitors.</param>
    /// <param name="deduplicates">Whether one value counts for each <see cref="Schedule.TimeStep"/>.</param>
    /// <param name="naming">null: the sensors have ids.</param>
    /// <param name="judging">Judges readings by the clock. Null if all are accepted.</param>
    /// <param name="merging">null: there are no longer windows.</param>
    /// <returns>The first difference, or null.</returns>
    public static string? Run(
        int seed,
        ExactnessRules rules,
        Faults faults,
        bool storeChecksVersions = true,
        Watching? watching = null,
        bool deduplicates = false,
        Naming? naming = null,
        Judging? judging = null,
        Merging? merging = null)
    {
        var outer = SynchronizationContext.Current;
        var schedule = new Schedule(seed, watching is not null);
        var scheduler = new StepScheduler(schedule.Random);
        SynchronizationContext.SetSynchronizationContext(scheduler);
        try
        {
            var random = schedule.Random;
            var store = new SimulatedStore(scheduler, random, faults)
            {
                ChecksVersions = storeChecksVersions,
                KeepsRefusals = judging?.StoresRefusals != false,
            };
            store.Names = naming is null ? null : new(scheduler, random, faults, store, naming);
            store.Merges = merging is null ? null : new(scheduler, random, faults, store, merging);
            return Run(schedule, scheduler, rules, faults, store, watching, deduplicates, judging);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private static string? Run(
        Schedule schedule, StepScheduler scheduler, ExactnessRules rules, Faults faults, SimulatedStore store, Watching? watching,
        bool deduplicates, Judging? judging)
    {
        var random = schedule.Random;
        var clock = new FakeTimeProvider(Schedule.Now);
        var grains = new SimulatedGrains(scheduler, random, faults, store, MeasurementSet.Default, rules, deduplicates ? Steps : null);
        var monitors = watching is null ? null : new SimulatedMonitors(scheduler, random, faults, rules, clock, store, watching);
        var judge = judging is null ? null : new SimulatedJudge(scheduler, random, faults, judging, clock);
        foreach (var log in schedule.Logs.Values.Where(_ => judging is not null))
        {
            log.BeginEmpty();
        }

        SimulatedPartition Start(SourceId source) =>
            new(source, schedule.Logs[source], store, grains, Options, rules, clock, random, monitors, judge);
        var loops = schedule.Logs.Keys.Select(Start).ToList();

        void Step()
        {
            switch (random.Next(10))
            {
                case 0:
                    loops[random.Next(loops.Count)].Fetch();
                    break;
                case 1:
                    clock.Advance(TimeSpan.FromMilliseconds(random.Next(1, 400)));
                    loops[random.Next(loops.Count)].Loop.Requests.Tick();
                    break;
                default:
                    if (!scheduler.IsIdle)
                    {
                        scheduler.RunOne();
                    }

                    break;
            }
        }

        for (var steps = random.Next(500, 4000); steps > 0; steps--)
        {
            Step();
            if (grains.StrayCalls > 0 && random.NextDouble() < 0.02)
            {
                grains.DeliverStrayCall();
            }

            if (random.NextDouble() < faults.Crash)
            {
                grains.Crash();
                monitors?.Crash();
            }

            monitors?.DeliverSomeStrayCall();
            store.Merges?.Step();

            if (random.NextDouble() < faults.Eviction)
            {
                grains.Evict();
                monitors?.Evict();
            }

            if (random.NextDouble() < faults.Backup)
            {
                store.BackUp();
            }

            if (random.NextDouble() < faults.Restore)
            {
                store.Restore();
            }

            if (random.NextDouble() < faults.LeaderChange)
            {
                schedule.Logs.Values.ElementAt(random.Next(schedule.Logs.Count)).ChangeLeader();
            }

            if (random.NextDouble() < faults.Zombie && loops[random.Next(loops.Count)] is { IsZombie: false } superseded)
            {
                superseded.IsZombie = true;
                loops.Add(Start(superseded.Source));
            }

            if (random.NextDouble() < faults.LoopCrash)
            {
                var victim = loops[random.Next(loops.Count)];
                victim.Loop.Requests.Drop();
                loops.Remove(victim);
                if (!victim.IsZombie)
                {
                    loops.Add(Start(victim.Source));
                }
            }
        }

        // The quiet end: zombies stop, no call is lost any more, and time goes on.
        grains.Faults = Faults.None;
        foreach (var zombie in loops.Where(loop => loop.IsZombie))
        {
            zombie.Loop.Requests.Drop();
        }

        loops.RemoveAll(loop => loop.IsZombie);
        while (grains.StrayCalls > 0)
        {
            grains.DeliverStrayCall();
        }

        monitors?.EndFaults();

        store.ReadLife();
        for (var steps = 0; !loops.TrueForAll(loop => loop.IsClosed()); steps++)
        {
            if (steps == StepsToTheEnd)
            {
                return "stuck: " + string.Join("; ", loops.Select(loop =>
                    $"{loop.Source.Partition} at {loop.Loop.Counters.Position}, checkpoint {loop.Loop.Counters.Checkpointed}, "
                    + $"{loop.Loop.Counters.OpenWindows} open, {loop.Loop.Counters.Trouble}"));
            }

            Step();
        }

        return Compare(schedule, store, judge?.Letters ?? [], deduplicates ? CountOnce : CountAll) ?? monitors?.Compare(schedule)
            ?? (judge is { Different: > 0 } ? "different letters of one message" : null) ?? store.Merges?.Finish();
    }

    private static string? Compare(
        Schedule schedule,
        SimulatedStore store,
        IReadOnlySet<(int, long)> rejected,
        Func<IEnumerable<TimedValue>, RunningStatistics> statisticsOf)
    {
        var (expected, lost) = (Numbered(schedule.Expected(rejected), store), Numbered(schedule.Lost(), store));
        foreach (var (key, readings) in expected)
        {
            var ofLog = statisticsOf(readings);
            if (store.Rows.GetValueOrDefault(key) is not { } row)
            {
                return $"lost: {key} has no row";
            }

            var got = row.Statistics;
            var want = lost.TryGetValue(key, out var values) && HoldsSomeOf(values, got, readings, statisticsOf) ? got : ofLog;
            if (got.Count != want.Count)
            {
                return $"{(got.Count < want.Count ? "lost" : "double")}: {key} holds {got.Count} readings, not {want.Count}";
            }

            if (got.Min != want.Min || got.Max != want.Max || Math.Abs(got.Mean - want.Mean) > 1e-9)
            {
                return $"lost and double: {key} holds {got}, not {want}";
            }

            if (!row.IsFinal)
            {
                return $"open: {key} is not final";
            }
        }

        var unexpected = store.Rows.Values.FirstOrDefault(row =>
            !expected.ContainsKey(row.Key)
            && !(lost.TryGetValue(row.Key, out var values) && HoldsSomeOf(values, row.Statistics, [], statisticsOf)));
        return unexpected is not null ? $"double: {unexpected.Key}" : CompareLatest(schedule, store, rejected);
    }

    private static RunningStatistics CountAll(IEnumerable<TimedValue> readings) =>
        readings.Aggregate(default(RunningStatistics), (all, reading) => all.Add(reading.Value));

    private static RunningStatistics CountOnce(IEnumerable<TimedValue> readings) =>
        CountAll(readings.GroupBy(reading => reading.Timestamp).Select(step => step.MinBy(reading => reading.Value)));

    private static string? CompareLatest(Schedule schedule, SimulatedStore store, IReadOnlySet<(int, long)> rejected)
    {
        var lost = schedule.LostOrders();
        foreach (var (sensorId, want) in schedule.Latest(rejected))
        {
            var got = store.Latest.GetValueOrDefault(NumberOf(sensorId, store));
            if (got != want && !(got.IsAfter(want) && lost.Contains((sensorId, got))))
            {
                return $"latest: of sensor {sensorId} is {got}, not {want}";
            }
        }

        return null;
    }

    /// <returns>The rows with the numbers that the names have in the end; a name without one has no row.</returns>
    private static Dictionary<WindowKey, T> Numbered<T>(Dictionary<WindowKey, T> rows, SimulatedStore store) => store.Names is null
        ? rows
        : rows.ToDictionary(row => row.Key with { SensorId = NumberOf(row.Key.SensorId, store) }, row => row.Value);

    private static int NumberOf(int sensorId, SimulatedStore store) =>
        store.Names?.Numbers.GetValueOrDefault(Schedule.NameOf(sensorId), sensorId) ?? sensorId;

    /// <returns>Whether the row holds each reading of the log once, and some that the log has lost, each at most once.</returns>
    private static bool HoldsSomeOf(
        List<TimedValue> lost, RunningStatistics got, List<TimedValue> ofLog, Func<IEnumerable<TimedValue>, RunningStatistics> statisticsOf)
    {
        for (var some = 0; some < 1 << lost.Count; some++)
        {
            var with = statisticsOf(ofLog.Concat(lost.Where((_, i) => (some >> i & 1) == 1)));
            if (with.Count == got.Count && with.Min == got.Min && with.Max == got.Max && Math.Abs(with.Mean - got.Mean) < 1e-9)
            {
                return true;
            }
        }

        return false;
    }
}
