using System.Diagnostics;
using System.Text.Json;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Benchmarks.Monitoring;

/// <summary>What rules as data add to the watching of a reading, and to the state of a sensor. No reading violates them.</summary>
internal static class RuleCosts
{
    private const long Second = 1_000_000;
    private const long Start = 1_795_514_400 * Second;

    /// <summary>The first half warms up. Windows of rules close several times in the second.</summary>
    private const int Rounds = 60;

    /// <summary>The fastest one counts: other work of the machine only adds time.</summary>
    private const int Passes = 5;

    private static readonly MeasurementSet Measurements = MeasurementSet.Default;

    private static readonly (string Name, string Members)[] Kinds =
    [
        ("threshold", """ "kind":"threshold","above":1000 """),
        ("rate", """ "kind":"rate","change":1000,"per":"1s","min_interval":"0s" """),
        ("stuck", """ "kind":"stuck","for":"1h" """),
        ("expression", """ "kind":"expression","expression":"temperature - humidity > 1000" """),
        ("disconnected", """ "kind":"disconnected","timeout":"1h" """),
        ("missing", """ "kind":"missing","per":"10s","least":1 """),
        ("window (mean)", """ "kind":"window","per":"10s","statistic":"mean","above":1000 """),
        ("window (p95)", """ "kind":"window","per":"10s","statistic":"p95","above":1000 """),
    ];

    /// <param name="count">The number of rules of a kind.</param>
    /// <returns>ns for a reading and bytes for a sensor that the rules of each kind add.</returns>
    public static IEnumerable<(string What, double Time, double Size)> Measure(int sensors, int count, Progress progress)
    {
        var sets = Kinds.Select(kind => new RuleSet(Enumerable.Range(0, count).Select(i => Rule(i, kind.Members))))
            .Prepend(RuleSet.None).ToArray();
        var best = Array.ConvertAll(sets, _ => (Time: double.MaxValue, Size: 0.0));
        for (var pass = 0; pass < Passes; pass++)
        {
            progress.Say($"readings with rules, {pass} of {Passes} times");
            for (var i = 0; i < sets.Length; i++)
            {
                var (time, size) = Measure(sensors, sets[i]);
                best[i] = (Math.Min(best[i].Time, time), size);
            }
        }

        return Kinds.Zip(best[1..], (kind, with) => (
            $"added by {count:N0} × {kind.Name}", with.Time - best[0].Time, with.Size - best[0].Size));
    }

    private static (double Time, double Size) Measure(int sensors, RuleSet rules)
    {
        var (source, changes, random, time) = (new SourceId(Guid.NewGuid(), 0), new List<AlertChange>(), new Random(1), TimeSpan.Zero);
        var shards = Enumerable.Range(0, sensors).GroupBy(SensorShards.Of)
            .Select(shard => (Watches: new SensorWatches(Measurements, AlertRules.Default(Measurements)), Sensors: shard.ToArray()))
            .ToArray();
        foreach (var (watches, _) in shards)
        {
            watches.UseRules(rules, SensorWatch.Never, changes);
        }

        for (var round = 0; round < Rounds; round++)
        {
            var at = Start + (round * Second);
            foreach (var (watches, ids) in shards)
            {
                var batch = ReadingBatch.Of(Array.ConvertAll(ids, id => Reading(id, round, at, random)));
                var started = Stopwatch.GetTimestamp();
                watches.Observe(source, batch, batch.Readings, Marks.None, ExactnessRules.Default, at, long.MaxValue, changes);
                watches.Tick(source, at, changes);
                time += round < Rounds / 2 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(started);
            }
        }

        return changes.Count > 0
            ? throw new InvalidOperationException($"{changes[0]} although no reading violates a rule.")
            : (
                time.TotalNanoseconds / (sensors * (Rounds - (Rounds / 2))),
                (double)shards.Sum(shard => (long)shard.Watches.ToBytes().Length) / sensors);
    }

    private static WatchedRule Rule(int number, string members)
    {
        using var json = JsonDocument.Parse(
            $$"""{"id":"rule-{{number}}","selector":{"measurement":"temperature"},{{members}}}""");
        return RuleDocument.Parse(json.RootElement, Measurements).ToWatched(Measurements, null);
    }

    private static Reading Reading(int id, int round, long at, Random random)
    {
        var reading = new Reading { SensorId = id, Offset = round, Timestamp = at, Values = MeasurementValues.None };
        (reading.Values[0], reading.Values[1]) = (20 + random.NextDouble(), 50 + random.NextDouble());
        return reading;
    }
}
