using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Benchmarks.Monitoring;

/// <summary>What it costs to watch many sensors: a reading, a look at the clock, and the state that is kept.</summary>
internal static class MonitorScenario
{
    private const long Second = 1_000_000;
    private const long Start = 1_795_514_400 * Second;
    private const int Rounds = 20;

    public static Command Create()
    {
        var sensors = new Option<int>("--sensors") { HelpName = "N", Description = "Sensors", DefaultValueFactory = _ => 100_000 };
        var command = new Command("monitor", "Measures the watching of sensors, on one core and without the grains around it.") { sensors };
        command.SetAction(result => Run(result.GetValue(sensors)));
        return command;
    }

    private static int Run(int sensors)
    {
        var measurements = MeasurementSet.Default;
        var source = new SourceId(Guid.NewGuid(), 0);
        var shards = Enumerable.Range(0, SensorShards.Count).Select(_ => new SensorWatches(measurements, AlertRules.Default(measurements))).ToArray();
        var batches = Enumerable.Range(0, sensors).GroupBy(SensorShards.Of).ToDictionary(shard => shard.Key, shard => shard.ToArray());
        var (changes, random, reading) = (new List<AlertChange>(), new Random(1), TimeSpan.Zero);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (shard, ids) in batches)
            {
                var readings = Array.ConvertAll(ids, id => Reading(id, round, random));
                var started = Stopwatch.GetTimestamp();
                shards[shard].Observe(source, readings, Marks.None, ExactnessRules.Default, Start + (round * Second), long.MaxValue, changes);
                reading += round < Rounds / 2 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(started);
            }
        }

        Print("a reading", reading.TotalNanoseconds / (sensors * (Rounds - (Rounds / 2))), "ns");
        var streamTime = Start + (Rounds * Second);
        Tick("a tick, all sensors heard of", streamTime);
        Tick("a tick, all sensors silent and not yet due", streamTime + (9 * Second));
        Tick("the tick in which all of them are raised", streamTime + (60 * Second));
        Tick("a tick, all sensors silent and raised", streamTime + (61 * Second));
        var writing = Stopwatch.GetTimestamp();
        var bytes = shards.Sum(shard => (long)shard.ToBytes().Length);
        Print("the states of all shards, written", Stopwatch.GetElapsedTime(writing).TotalMilliseconds, "ms");
        Print("state of a sensor", (double)bytes / sensors, "bytes");
        return changes.Count == sensors ? 0 : 1;

        void Tick(string what, long moment)
        {
            var started = Stopwatch.GetTimestamp();
            foreach (var shard in shards)
            {
                shard.Tick(source, moment, changes);
            }

            Print(what, Stopwatch.GetElapsedTime(started).TotalMilliseconds, "ms");
        }
    }

    private static Reading Reading(int id, int round, Random random)
    {
        var reading = new Reading { SensorId = id, Offset = round, Timestamp = Start + (round * Second), Values = MeasurementValues.None };
        (reading.Values[0], reading.Values[1]) = (20 + random.NextDouble(), 50 + random.NextDouble());
        return reading;
    }

    private static void Print(string what, double value, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-45} {value,10:0.0} {unit}"));
}
