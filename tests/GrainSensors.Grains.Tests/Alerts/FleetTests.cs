using System.Globalization;
using GrainSensors.Contracts.Alerts;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Alerts;
using GrainSensors.Grains.Sensors;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Sensors;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Grains.Tests.Alerts;

/// <summary>A thousand simulated sensors for ten minutes of stream time, whose faults and therefore alerts are known.</summary>
public sealed class FleetTests
{
    private const int Sensors = 1_000;
    private const int Seconds = 600;
    private const int Seed = 3;

    /// <summary>The last seconds are without faults, so that every alert can clear.</summary>
    private const int Calm = 10;

    private const long Second = EpochTime.MicrosPerSecond;

    /// <summary>2026-11-24T10:00:00Z.</summary>
    private const long Start = 1_795_514_400 * Second;

    private static readonly MeasurementSet Measurements = MeasurementSet.Default;
    private static readonly SourceId Source = new(new("0193a5c2-1111-7222-8333-444455556666"), 0);

    [Fact]
    public async Task Every_injected_disconnection_and_extreme_is_one_raising_or_reopening_and_clears()
    {
        var sink = new Recorded();
        var shards = Enumerable.Range(0, SensorShards.Count).Select(shard => NewShard(shard, sink)).ToList();
        var fleet = Enumerable.Range(1, Sensors).Select(id => new Faulty(new(id, Measurements, Seed))).ToList();
        for (var second = 0; second < Seconds; second++)
        {
            var at = Start + (second * Second);
            var batches = shards.ConvertAll(_ => new List<Reading>());
            foreach (var sensor in fleet)
            {
                if (sensor.Next(second, at) is { } reading)
                {
                    batches[SensorShards.Of(reading.SensorId)].Add(reading with { Offset = ((long)second * Sensors) + reading.SensorId });
                }
            }

            sink.Now = at;
            for (var shard = 0; shard < SensorShards.Count; shard++)
            {
                shards[shard].Observe(Source, new(ReadingBatch.Of([.. batches[shard]]), 0, batches[shard].Count), Marks.None, at - Second);
                shards[shard].Tick(Source, at, Marks.None);
            }
        }

        await Task.WhenAll(shards.Select(shard => shard.FlushAsync(Source)));
        Report([.. fleet.SelectMany(sensor => sensor.Injected)], sink.Events);
    }

    private static void Report(List<Injected> wanted, List<(AlertEvent Event, long Now)> events)
    {
        var lives = events.GroupBy(item => (item.Event.AlertId, item.Event.Occurrences)).ToList();
        var raised = lives.ToLookup(life => (life.First().Event.SensorId, life.First().Event.Kind, life.First().Event.At));
        var missed = wanted.Where(injected => raised[(injected.SensorId, injected.Kind, injected.At)].Count() != 1).ToList();
        var known = wanted.Select(injected => (injected.SensorId, injected.Kind, injected.At)).ToHashSet();
        var extra = raised.Where(group => !known.Contains(group.Key)).Select(group => group.Key).ToList();
        var recall = 1 - ((double)missed.Count / wanted.Count);
        var precision = 1 - ((double)extra.Count / lives.Count);
        var delays = lives.Select(life => (double)(life.First().Now - life.First().Event.At) / Second).Order().ToList();
        var disconnections = wanted.Count(injected => injected.Kind == AlertKind.Disconnected);
        Figures.Print(string.Create(
            CultureInfo.InvariantCulture,
            $"fleet of {Sensors}: {wanted.Count} faults ({disconnections} disconnections), {lives.Count} raised or reopened, "
            + $"recall {recall:0.0000}, precision {precision:0.0000}, delay p50 {delays[delays.Count / 2]:0.0} s, "
            + $"p99 {delays[delays.Count * 99 / 100]:0.0} s of stream time"));

        Assert.True(
            missed.Count == 0,
            $"{missed.Count} of {wanted.Count} were not raised exactly once, such as {string.Join(", ", missed.Take(5))}");
        Assert.True(
            precision >= 0.99, $"{extra.Count} of {lives.Count} were raised for nothing, such as {string.Join(", ", extra.Take(5))}");
        Assert.All(delays, delay => Assert.InRange(delay, 0, 2));
        Assert.All(lives, life => Assert.Equal([false, true], life.Select(item => item.Event.Transition == AlertTransition.Cleared)));
        Assert.All(wanted, injected =>
        {
            // Noise may keep a value extreme for some readings; a reading with a value ends a disconnection at once.
            var cleared = Assert.Single(raised[(injected.SensorId, injected.Kind, injected.At)]).Last().Event.At;
            Assert.InRange(cleared, injected.Until, injected.Until + (injected.Kind == AlertKind.Disconnected ? 0 : Calm * Second));
        });
    }

    /// <summary>A simulated sensor and its faults.</summary>
    private sealed class Faulty(SimulatedSensor sensor)
    {
        private int? _disconnected;
        private int? _extreme;
        private int _values;

        public List<Injected> Injected { get; } = [];

        /// <returns>The reading; null if the sensor is silent.</returns>
        public Reading? Next(int second, long at)
        {
            // One in twenty falls silent for a minute and a half, at a moment of its own.
            if (sensor.SensorId % 20 == 0 && second - (100 + (sensor.SensorId % 300)) is >= 0 and < 90)
            {
                Begin(ref _disconnected, AlertKind.Disconnected, at - Second + (30 * Second));
                return null;
            }

            var (reading, fault) = (sensor.ReadingAt(at), sensor.Faults.At(at).Kind);
            if (second >= Seconds - Calm && fault != SensorFaultKind.None)
            {
                (reading.Values[0], fault) = (sensor.Climate.At(at).Temperature, SensorFaultKind.None);
            }

            if (fault == SensorFaultKind.Disconnected && _values == 0)
            {
                return reading; // without a temperature so far, the sensor counts as a hygrometer
            }

            if (fault == SensorFaultKind.Disconnected)
            {
                Begin(ref _disconnected, AlertKind.Disconnected, at);
                return reading;
            }

            End(ref _disconnected, at);
            if (fault == SensorFaultKind.None)
            {
                End(ref _extreme, at);
            }
            else if (_values >= new ExtremeRule().WarmUp)
            {
                Begin(ref _extreme, AlertKind.Extreme, at);
            }

            _values++;
            return reading;
        }

        private void Begin(ref int? index, AlertKind kind, long at)
        {
            if (index is null)
            {
                index = Injected.Count;
                Injected.Add(new(sensor.SensorId, kind, at, long.MaxValue));
            }
        }

        private void End(ref int? index, long at)
        {
            if (index is { } open)
            {
                Injected[open] = Injected[open] with { Until = at };
                index = null;
            }
        }
    }

    private static MonitorShard NewShard(int shard, IAlertSink sink)
    {
        var clock = new FakeTimeProvider(EpochTime.ToDateTime(Start).AddDays(1));
        var rules = new MonitorRules(AlertRules.Default(Measurements), TimeSpan.Zero);
        var directory = new SensorDirectory(new Empty(), rules, Measurements, clock, NullLogger<SensorDirectory>.Instance);
        var states = new MonitorStatesInMemory(_ => Task.FromResult(Guid.Empty));
        return new(shard, Measurements, rules, directory, states, new SimulatedAlerts(), sink, ExactnessRules.Default, clock);
    }

    /// <param name="Until">The first reading after it.</param>
    private readonly record struct Injected(int SensorId, AlertKind Kind, long At, long Until);

    private sealed class Recorded : IAlertSink
    {
        public List<(AlertEvent Event, long Now)> Events { get; } = [];

        /// <summary>Stream time, µs since the epoch.</summary>
        public long Now { get; set; }

        public Task PublishAsync(IReadOnlyList<AlertEvent> events)
        {
            Events.AddRange(events.Select(happened => (happened, Now)));
            return Task.CompletedTask;
        }
    }

    private sealed class Empty : ISensorRegistry
    {
        public Task<IReadOnlyList<RegisteredSensor>> ReadAsync(RegistryQuery query, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<RegisteredSensor>>([]);

        public Task<IReadOnlyList<RegisteredSensor>> FindAsync(
            IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<RegisteredSensor>>([]);

        public Task<long> CountAsync(CancellationToken cancellationToken) => Task.FromResult(0L);

        public Task<IReadOnlyList<WatchedSensor>> ReadWatchedAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<WatchedSensor>>([]);

        public Task WriteAsync(IReadOnlyCollection<RegisteredSensor> sensors, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task ChangeAsync(
            IReadOnlyCollection<int> sensorIds, Func<IReadOnlyList<RegisteredSensor>, IReadOnlyCollection<RegisteredSensor>> change,
            CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<int>> RemoveAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<int>>([.. sensorIds]);

        public Task<IReadOnlyList<int>> ForgetAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<int>>([.. sensorIds]);

        public Task<IReadOnlyList<ForgottenSensor>> ReadForgottenAsync(long since, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<ForgottenSensor>>([]);
    }
}
