using GrainSensors.Cluster.Tests.Exactness.Simulation;
using GrainSensors.Contracts.Monitoring;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Monitoring;
using GrainSensors.Grains.Sensors;
using GrainSensors.Storage.Sensors;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Cluster.Tests.Monitoring;

/// <summary>A thousand simulated sensors, ten minutes of their time: what goes wrong is known, and so what must be raised and cleared.</summary>
public sealed class FleetTests
{
    private const int Sensors = 1_000;
    private const int Seconds = 600;
    private const int Seed = 3;

    /// <summary>Sensors learn what is usual from so many readings, and the errors among those are no extremes yet.</summary>
    private const int Learning = 70;

    private const long Second = EpochTime.MicrosPerSecond;

    /// <summary>2026-11-24T10:00:00Z.</summary>
    private const long Start = 1_795_514_400 * Second;

    private static readonly MeasurementSet Measurements = MeasurementSet.Default;
    private static readonly SourceId Source = new(new("0193a5c2-1111-7222-8333-444455556666"), 0);

    [Fact]
    public async Task Every_injected_disconnection_and_extreme_is_one_raising_and_clears()
    {
        var sink = new Recorded();
        var shards = Enumerable.Range(0, SensorShards.Count).Select(shard => NewShard(shard, sink)).ToList();
        var fleet = Enumerable.Range(1, Sensors).Select(id => new SimulatedSensor(id, Measurements, Seed)).ToList();
        var wanted = new List<Injected>();
        var (isExtreme, isOut) = (new bool[Sensors + 1], new bool[Sensors + 1]);
        for (var second = 0; second < Seconds; second++)
        {
            var at = Start + (second * Second);
            var batches = Enumerable.Range(0, SensorShards.Count).Select(_ => new List<Reading>()).ToList();
            foreach (var sensor in fleet)
            {
                // One in twenty falls silent for a minute and a half, at a moment of its own.
                var isSilent = sensor.SensorId % 20 == 0 && second - (100 + (sensor.SensorId % 300)) is >= 0 and < 90;
                if (isSilent)
                {
                    if (!isOut[sensor.SensorId])
                    {
                        isOut[sensor.SensorId] = true;
                        wanted.Add(new(sensor.SensorId, AlertKind.Disconnected, at - Second + (30 * Second)));
                    }

                    continue;
                }

                var fault = second < Learning || second == Seconds - 1 ? default : sensor.Faults.At(at);
                var reading = sensor.ReadingAt(at);
                if (fault.Kind == SensorFaultKind.None && sensor.Faults.At(at).Kind != SensorFaultKind.None)
                {
                    // While it learns, and at the end, nothing goes wrong.
                    reading.Values[0] = sensor.Climate.At(at).Temperature;
                }

                // A value clears the disconnection, and a usual one the extreme too.
                var (isOff, hasValue) = (fault.Kind == SensorFaultKind.Deviation, fault.Kind != SensorFaultKind.Disconnected);
                if (!hasValue && !isOut[sensor.SensorId])
                {
                    wanted.Add(new(sensor.SensorId, AlertKind.Disconnected, at));
                }

                if (isOff && !isExtreme[sensor.SensorId])
                {
                    wanted.Add(new(sensor.SensorId, AlertKind.Extreme, at));
                }

                isOut[sensor.SensorId] = !hasValue;
                isExtreme[sensor.SensorId] = isOff || (isExtreme[sensor.SensorId] && !hasValue);
                reading.Offset = ((long)second * Sensors) + sensor.SensorId;
                batches[SensorShards.Of(sensor.SensorId)].Add(reading);
            }

            for (var shard = 0; shard < SensorShards.Count; shard++)
            {
                shards[shard].Observe(Source, new([.. batches[shard]], 0, batches[shard].Count), Marks.None, at - Second);
                shards[shard].Tick(Source, at, Marks.None);
            }
        }

        await Task.WhenAll(shards.Select(shard => shard.FlushAsync(Source)));
        Report(wanted, sink.Events);
    }

    private static void Report(List<Injected> wanted, List<AlertEvent> events)
    {
        var raised = events.Where(happened => happened.Transition != AlertTransition.Cleared).ToList();
        var open = raised.ToLookup(happened => (happened.SensorId, happened.Kind, happened.At));
        var missed = wanted.Where(injected => open[(injected.SensorId, injected.Kind, injected.At)].Count() != 1).ToList();
        var known = wanted.Select(injected => (injected.SensorId, injected.Kind, injected.At)).ToHashSet();
        var extra = raised.Where(happened => !known.Contains((happened.SensorId, happened.Kind, happened.At))).ToList();
        var recall = 1 - ((double)missed.Count / wanted.Count);
        var precision = 1 - ((double)extra.Count / raised.Count);
        TestContext.Current.TestOutputHelper?.WriteLine($"{wanted.Count} injected, {raised.Count} raised: recall {recall:0.0000}, precision {precision:0.0000}");
        Assert.True(missed.Count == 0, $"{missed.Count} of {wanted.Count} were not raised exactly once, such as {string.Join(", ", missed.Take(5))}");
        Assert.True(precision >= 0.99, $"{extra.Count} of {raised.Count} were raised for nothing, such as {string.Join(", ", extra.Take(5))}");
        var stillOpen = events.GroupBy(happened => happened.AlertId).Where(life => life.Last().Transition != AlertTransition.Cleared).ToList();
        Assert.True(stillOpen.Count == 0, $"{stillOpen.Count} did not clear, such as {string.Join(", ", stillOpen.Take(5).Select(life => life.Last()))}");
    }

    private static MonitorShard NewShard(int shard, IAlertSink sink)
    {
        var clock = new FakeTimeProvider();
        var rules = new MonitorRules(AlertRules.Default(Measurements), TimeSpan.Zero);
        var directory = new SensorDirectory(new Empty(), rules, Measurements, clock, NullLogger<SensorDirectory>.Instance);
        return new(shard, Measurements, rules, directory, new Kept(), new SimulatedAlerts(), sink, ExactnessRules.Default, clock);
    }

    private readonly record struct Injected(int SensorId, AlertKind Kind, long At);

    private sealed class Recorded : IAlertSink
    {
        public List<AlertEvent> Events { get; } = [];

        public Task PublishAsync(IReadOnlyList<AlertEvent> events)
        {
            Events.AddRange(events);
            return Task.CompletedTask;
        }
    }

    private sealed class Kept : IShardStorage
    {
        public Task<bool> WriteAsync(byte[] marks, byte[] watches) => Task.FromResult(true);
    }

    private sealed class Empty : ISensorRegistry
    {
        public Task<IReadOnlyList<RegisteredSensor>> ReadAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<RegisteredSensor>>([]);

        public Task<RegisteredSensor?> FindAsync(int sensorId, CancellationToken cancellationToken) => Task.FromResult<RegisteredSensor?>(null);

        public Task WriteAsync(IReadOnlyCollection<RegisteredSensor> sensors, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<bool> RemoveAsync(int sensorId, CancellationToken cancellationToken) => Task.FromResult(false);
    }
}
