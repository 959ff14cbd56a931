using System.CommandLine;
using System.Diagnostics;
using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Lifetime;

namespace GrainSensors.Benchmarks.Monitoring;

/// <summary>What it costs to watch many sensors: a reading, a look at the clock, and the state that is kept.</summary>
internal static class MonitorScenario
{
    private const long Second = 1_000_000;
    private const long Start = 1_795_514_400 * Second;
    private const int Rounds = 20;

    public static Command Create()
    {
        var sensors = NumberOption.Of("--sensors", "That are watched", 100_000, 1, 10_000_000);
        var checkpoints = NumberOption.Of("--checkpoints", "To measure in PostgreSQL", 0, 0, 10_000);
        var rules = NumberOption.Of("--rules", "As data, of each kind, of which to measure what they add to a reading", 0, 0, 1000);
        var (postgres, json) = (ServerOptions.Postgres(), ServerOptions.Json());
        var command = new Command("monitor", "Measures the watching of sensors, on one core and without the grains around it.")
        {
            sensors, rules, checkpoints, postgres, json,
        };
        command.SetAction((result, cancellation) => RunAsync(
            result.GetValue(sensors), result.GetValue(rules), result.GetValue(checkpoints), result.GetValue(postgres),
            result.GetValue(json), cancellation));
        return command;
    }

    private sealed record Cost(string What, double Value, string Unit);

    private static async Task<int> RunAsync(
        int sensors, int rules, int checkpoints, string? postgres, bool json, CancellationToken cancellationToken)
    {
        using var progress = new Progress();
        var table = new ResultTable<Cost>(
            progress,
            json,
            new("", 45, row => row.What),
            new("cost", 10, row => TextTable.Number(row.Value, "0.0")),
            new("unit", 7, row => row.Unit));
        table.Say($"{sensors:N0} sensors");
        var measurements = MeasurementSet.Default;
        var source = new SourceId(Guid.NewGuid(), 0);
        var shards = Enumerable.Range(0, SensorShards.Count)
            .Select(_ => new SensorWatches(measurements, AlertRules.Default(measurements))).ToArray();
        var batches = Enumerable.Range(0, sensors).GroupBy(SensorShards.Of).ToDictionary(shard => shard.Key, shard => shard.ToArray());
        var (changes, random, reading) = (new List<AlertChange>(), new Random(1), TimeSpan.Zero);
        for (var round = 0; round < Rounds; round++)
        {
            progress.Say($"a reading of each sensor, {round} of {Rounds} times");
            foreach (var (shard, ids) in batches)
            {
                var batch = ReadingBatch.Of(Array.ConvertAll(ids, id => Reading(id, round, random)));
                var started = Stopwatch.GetTimestamp();
                shards[shard].Observe(
                    source, batch, batch.Readings, Marks.None, ExactnessRules.Default, Start + (round * Second), long.MaxValue, changes);
                reading += round < Rounds / 2 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(started);
            }
        }

        table.Add(new("a reading", reading.TotalNanoseconds / (sensors * (Rounds - (Rounds / 2))), "ns"));
        var streamTime = Start + (Rounds * Second);
        Tick("a tick, all sensors heard of", streamTime);
        Tick("a tick, all sensors silent and not yet due", streamTime + (9 * Second));
        Tick("the tick in which all of them are raised", streamTime + (60 * Second));
        Tick("a tick, all sensors silent and raised", streamTime + (61 * Second));
        var writing = Stopwatch.GetTimestamp();
        var bytes = shards.Sum(shard => (long)shard.ToBytes().Length);
        table.Add(new("the states of all shards, written", Stopwatch.GetElapsedTime(writing).TotalMilliseconds, "ms"));
        table.Add(new("state of a sensor", (double)bytes / sensors, "bytes"));
        foreach (var (what, time, size) in rules > 0 ? RuleCosts.Measure(sensors, rules, progress) : [])
        {
            table.Add(new($"a reading, {what}", time, "ns"));
            table.Add(new($"state of a sensor, {what}", size, "bytes"));
        }

        if (checkpoints > 0)
        {
            progress.Say($"checkpoints in PostgreSQL");
            await using var store = await MonitorCheckpoints.CreateAsync(postgres, sensors, cancellationToken);
            foreach (var share in (double[])[0.01, 1])
            {
                var (logBytes, time) = await store.MeasureAsync(share, checkpoints);
                table.Add(new($"a checkpoint, {share:P0} of the sensors have reported", logBytes / 1e3, "kB"));
                table.Add(new($"a checkpoint, {share:P0} of the sensors have reported", time.TotalMilliseconds, "ms"));
            }
        }

        table.End(new { sensors, costs = table.Rows });
        return changes.Count == sensors ? ExitCodes.Success : ExitCodes.SomethingWrong;

        void Tick(string what, long moment)
        {
            var started = Stopwatch.GetTimestamp();
            foreach (var shard in shards)
            {
                shard.Tick(source, moment, changes);
            }

            table.Add(new(what, Stopwatch.GetElapsedTime(started).TotalMilliseconds, "ms"));
        }
    }

    private static Reading Reading(int id, int round, Random random)
    {
        var reading = new Reading { SensorId = id, Offset = round, Timestamp = Start + (round * Second), Values = MeasurementValues.None };
        (reading.Values[0], reading.Values[1]) = (20 + random.NextDouble(), 50 + random.NextDouble());
        return reading;
    }
}
