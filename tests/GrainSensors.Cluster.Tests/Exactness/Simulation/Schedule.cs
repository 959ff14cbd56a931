using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>The log of one simulation: a few sensors, spread over a few windows and partitions, often late.</summary>
internal sealed class Schedule
{
    public static readonly Period Period = Period.FromSeconds(60);

    /// <summary>Event times are multiples of it, so that some readings of a sensor have the same.</summary>
    public const long TimeStep = 5 * EpochTime.MicrosPerSecond;

    /// <summary>Sensors of one monitor.</summary>
    private static readonly int[] Watched = [.. Enumerable.Range(0, 10_000).Where(id => SensorShards.Of(id) == 7).Take(8)];

    /// <summary>Start of the first window, µs since the epoch.</summary>
    private static readonly long Base = Period.StartOf(1_700_000_000 * EpochTime.MicrosPerSecond);

    /// <param name="messages">Null: each message has one reading.</param>
    /// <param name="isWatched">
    /// Whether every sensor uses one partition and reports in the order of time, with pauses and values that raise alerts. The alerts
    /// are then the same for every interleaving of the partitions.
    /// </param>
    public Schedule(int seed, bool isWatched = false, ManyReadings? messages = null)
    {
        Random = new(seed);
        var topic = new Guid(seed, 1, 2, [3, 4, 5, 6, 7, 8, 9, 10]);
        var partitions = Random.Next(1, 3);
        var sensors = Random.Next(1, isWatched ? 5 : 3);
        var readings = Random.Next(15, 41);
        for (var partition = 0; partition < partitions; partition++)
        {
            var (number, at) = (partition, 0L);
            Reading Next(long offset)
            {
                var window = (int)Math.Min(2, Random.Next(4) == 0 ? Random.Next(3) : offset * 3 / readings);
                var values = MeasurementValues.None;
                values[0] = Random.Next(20) == 0 ? double.NaN : Random.NextDouble() * 50;
                values[1] = Random.Next(3) == 0 ? Random.NextDouble() * 100 : double.NaN;
                at += Random.NextInt64((2 * Period.TotalMicros / readings) + 1);
                return new()
                {
                    Offset = offset,
                    SensorId = isWatched ? Watched[Random.Next(sensors) + (number * sensors)] : Random.Next(sensors),
                    Timestamp = isWatched
                        ? Base + at
                        : Base + (window * Period.TotalMicros) + (Random.NextInt64(Period.TotalMicros) / TimeStep * TimeStep),
                    Values = values,
                };
            }

            Logs.Add(new(topic, partition), new([.. Enumerable.Range(0, readings).Select(offset => Next(offset))], Next, Random, messages));
        }
    }

    public Random Random { get; }

    public Dictionary<SourceId, SimulatedLog> Logs { get; } = [];

    /// <summary>The start of the simulation, within the last window.</summary>
    public static DateTimeOffset Now => new(EpochTime.ToDateTime(Base + (2 * Period.TotalMicros)));

    /// <summary>The name of a sensor, if sensors have names.</summary>
    public static string NameOf(int sensor) => $"sensor-{sensor}";

    /// <summary>Whether readings have measurements that are not declared.</summary>
    public bool HasOthers { get; init; }

    /// <summary>The readings of every row at the end.</summary>
    /// <param name="rejected">The partition and offset of each reading that has a dead letter.</param>
    public Dictionary<WindowKey, List<TimedValue>> Expected(IReadOnlySet<(int, long)> rejected) =>
        ByRow((partition, log) => log.Readings.Where(reading => !rejected.Contains((partition, reading.Offset))));

    /// <summary>The expected latest reading of every sensor at the end.</summary>
    /// <param name="rejected">The partition and offset of each reading that has a dead letter.</param>
    public Dictionary<int, ReadingOrder> Latest(IReadOnlySet<(int, long)> rejected) => Orders(log => log.Readings)
        .Where(reading => !rejected.Contains((reading.Order.Partition, reading.Order.Offset))).GroupBy(reading => reading.SensorId)
        .ToDictionary(sensor => sensor.Key, sensor => sensor.Select(reading => reading.Order).Aggregate((a, b) => b.IsAfter(a) ? b : a));

    /// <summary>What may be the latest reading instead: readings that the log has lost.</summary>
    public HashSet<(int SensorId, ReadingOrder Order)> LostOrders() => [.. Orders(log => log.Lost)];

    /// <summary>What a row may hold besides: readings that the log has lost.</summary>
    public Dictionary<WindowKey, List<TimedValue>> Lost() => ByRow((_, log) => log.Lost);

    private IEnumerable<(int SensorId, ReadingOrder Order)> Orders(Func<SimulatedLog, IEnumerable<Reading>> readingsOf) =>
        from log in Logs
        from first in readingsOf(log.Value)
        from ofSensor in log.Value.MessageOf(first).GroupBy(reading => reading.SensorId)
        from place in ofSensor.Select((reading, index) => (Reading: reading, Index: index))
        where HasValue(place.Reading)
        select (ofSensor.Key, new ReadingOrder(place.Reading.Timestamp, log.Key.Partition, first.Offset, place.Index));

    private bool HasValue(Reading reading) => ValuesOf(reading).Any();

    private Dictionary<WindowKey, List<TimedValue>> ByRow(Func<int, SimulatedLog, IEnumerable<Reading>> readingsOf)
    {
        var rows = new Dictionary<WindowKey, List<TimedValue>>();
        foreach (var reading in Logs.SelectMany(
            log => readingsOf(log.Key.Partition, log.Value).SelectMany(log.Value.MessageOf)))
        {
            foreach (var (name, value) in ValuesOf(reading))
            {
                var key = new WindowKey(reading.SensorId, name, Period, Period.StartOf(reading.Timestamp));
                rows.TryAdd(key, []);
                rows[key].Add(new(reading.Timestamp, value));
            }
        }

        return rows;
    }

    /// <summary>The declared measurements. Each has a sketch.</summary>
    public static MeasurementSet Measurements { get; } =
        new(MeasurementSet.Default.All.Select(measurement => measurement with { HasSketch = true }));

    private IEnumerable<(string Name, double Value)> ValuesOf(Reading reading) => MeasurementSet.Default.All
        .Select((measurement, i) => (measurement.Name, Value: reading.Values[i])).Where(value => !double.IsNaN(value.Value))
        .Concat(HasOthers ? SimulatedMeasurements.Of(reading) : []);
}

/// <summary>A value of a row.</summary>
internal readonly record struct TimedValue(long Timestamp, double Value);
