using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
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
    /// <param name="messages">Null: each message has one reading.</param>
    /// <param name="mostMeasurements">The most measurements besides the declared ones. Null: readings have no others.</param>
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
        Merging? merging = null,
        int? mostMeasurements = null,
        ManyReadings? messages = null)
    {
        var outer = SynchronizationContext.Current;
        var schedule = new Schedule(seed, watching is not null, messages) { HasOthers = mostMeasurements is not null };
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
            store.Measurements = mostMeasurements is { } most ? new(scheduler, random, faults, most) : null;
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
        var grains = new SimulatedGrains(scheduler, random, faults, store, new(Schedule.Measurements), rules, deduplicates ? Steps : null)
        {
            CatalogOfGrain = store.Measurements is { } measurements ? measurements.OfGrain : null,
        };
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

        return Outcome.Compare(schedule, store, judge?.Letters ?? [], deduplicates) ?? monitors?.Compare(schedule)
            ?? (judge is { Different: > 0 } ? "different letters of one message" : null) ?? store.Merges?.Finish();
    }
}
