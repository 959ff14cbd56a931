using GrainSensors.Contracts.Alerts;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Alerts;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Sensors;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Grains.Tests.Alerts;

/// <summary>A monitor with sensors from the registry.</summary>
public sealed class RegisteredSensorTests : IAlertSink
{
    private const int Sensor = 7;
    private const long Second = EpochTime.MicrosPerSecond;

    /// <summary>2026-11-24T10:00:00Z.</summary>
    private const long Start = 1_795_514_400 * Second;

    private static readonly MeasurementSet Measurements = MeasurementSet.Default;
    private static readonly SourceId Source = new(new("0193a5c2-1111-7222-8333-444455556666"), 0);

    private readonly FakeTimeProvider _clock = new(EpochTime.ToDateTime(Start + (3600 * Second)));
    private readonly Registry _registry = new();
    private readonly List<string> _story = [];
    private readonly MonitorStatesInMemory _kept = new(_ => Task.FromResult(Guid.Empty));
    private SensorDirectory _directory;
    private MonitorShard _shard;

    public RegisteredSensorTests() => (_directory, _shard) = Restart();

    [Fact]
    public async Task One_that_is_never_heard_of_is_disconnected_after_the_grace_and_once()
    {
        _registry.Sensors = [new(Sensor)];
        await LookAsync(0);
        Tick(59);
        Assert.Empty(_story);
        Tick(61);
        Tick(600);

        Assert.Equal(["Raised 60"], _story);
    }

    [Fact]
    public async Task A_restart_before_the_registry_was_read_says_nothing_new()
    {
        _registry.Sensors = [new(Sensor)];
        await LookAsync(0);
        Tick(100);
        await _shard.FlushAsync(Source);

        (_directory, _shard) = Restart();
        Tick(101);
        await LookAsync(102);
        Tick(500);

        Assert.Equal(["Raised 60"], _story);
    }

    [Fact]
    public async Task A_dismissal_is_found_although_an_earlier_one_holds_until_later()
    {
        var now = EpochTime.Now(_clock);
        _registry.Forgotten.Add(new(8, now + (86_400 * Second)));
        await _directory.ReadForgottenAsync(TestContext.Current.CancellationToken);
        _registry.Forgotten.Add(new(Sensor, now));

        await _directory.ReadForgottenAsync(TestContext.Current.CancellationToken);

        Assert.Equal([Sensor, 8], _directory.Forgotten.Keys.Order());
    }

    [Fact]
    public async Task Its_first_reading_clears_it()
    {
        _registry.Sensors = [new(Sensor)];
        await LookAsync(0);
        Tick(100);
        Read(110, 20);

        Assert.Equal(["Raised 60", "Cleared 110"], _story);
    }

    [Fact]
    public async Task One_that_is_taken_out_of_the_registry_has_no_alert_any_more_and_is_met_anew()
    {
        _registry.Sensors = [new(Sensor)];
        Read(0, 20);
        await LookAsync(0);
        Tick(100);
        await _shard.FlushAsync(Source);

        // The silo was down when the sensor was removed.
        _registry.Sensors = [];
        (_directory, _shard) = Restart();
        await LookAsync(200);
        Tick(900);
        Assert.Equal(["Raised 30", "Cleared 200"], _story);

        Read(1000, 20);
        Tick(1031);
        Assert.Equal(["Raised 30", "Cleared 200", "Raised 1030"], _story);
    }

    [Fact]
    public async Task One_that_was_never_in_the_registry_is_watched_whatever_is_taken_out_of_it()
    {
        var other = Enumerable.Range(Sensor + 1, 10_000).First(id => SensorShards.Of(id) == SensorShards.Of(Sensor));
        _registry.Sensors = [new(other)];
        Read(0, 20);
        await LookAsync(0);
        _registry.Sensors = [];
        await LookAsync(10);
        Tick(100);

        Assert.Equal(["Raised 30"], _story);
    }

    [Fact]
    public async Task It_has_rules_of_its_own_until_they_are_taken_back()
    {
        _registry.Sensors = [new(Sensor, Overrides: """{"timeout":"00:05:00"}""")];
        Read(0, 20);
        await LookAsync(1);
        Tick(250);
        Assert.Empty(_story);

        _registry.Sensors = [new(Sensor)];
        await LookAsync(251);

        Assert.Equal(["Raised 30"], _story);
    }

    [Fact]
    public async Task Rules_that_are_not_understood_leave_the_usual_ones()
    {
        _registry.Sensors = [new(Sensor, Overrides: """{"timeout":"soon"}""")];
        Read(0, 20);
        await LookAsync(1);
        Tick(31);

        Assert.Equal(["Raised 30"], _story);
    }

    Task IAlertSink.PublishAsync(IReadOnlyList<AlertEvent> events)
    {
        _story.AddRange(events.Select(happened => $"{happened.Transition} {(happened.At - Start) / Second}"));
        return Task.CompletedTask;
    }

    private (SensorDirectory, MonitorShard) Restart()
    {
        var rules = new MonitorRules(AlertRules.Default(Measurements), TimeSpan.FromMinutes(1));
        var directory = new SensorDirectory(_registry, rules, Measurements, _clock, NullLogger<SensorDirectory>.Instance);
        var shard = new MonitorShard(
            SensorShards.Of(Sensor), Measurements, rules, directory, _kept, new SimulatedAlerts(), this, ExactnessRules.Default, _clock);
        shard.Load(_kept.ReadAsync(SensorShards.Of(Sensor), default).GetAwaiter().GetResult(), []);
        return (directory, shard);
    }

    /// <summary>Reads the registry again and advances the stream time of the monitor.</summary>
    private async Task LookAsync(int second)
    {
        var shard = SensorShards.Of(Sensor);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await Until.Async(
            () => _directory.Of(shard) is { } known && known.Registered.SequenceEqual(_registry.OfShard(shard)),
            () => "the registry is not read",
            TimeSpan.FromSeconds(30));
        Tick(second);
    }

    private void Tick(int second) => _shard.Tick(Source, Start + (second * Second), Marks.None);

    private void Read(int second, double temperature)
    {
        var reading =
            new Reading { SensorId = Sensor, Offset = second, Timestamp = Start + (second * Second), Values = MeasurementValues.None };
        reading.Values[0] = temperature;
        _shard.Observe(Source, new(ReadingBatch.Of(reading), 0, 1), Marks.None, reading.Timestamp - Second);
    }

    private sealed class Registry : ISensorRegistry
    {
        private volatile WatchedSensor[] _sensors = [];

        public WatchedSensor[] Sensors { set => _sensors = value; }

        public List<ForgottenSensor> Forgotten { get; } = [];

        public IEnumerable<WatchedSensor> OfShard(int shard) => _sensors.Where(sensor => SensorShards.Of(sensor.SensorId) == shard);

        public Task<IReadOnlyList<WatchedSensor>> ReadWatchedAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<WatchedSensor>>(_sensors);

        public Task<IReadOnlyList<RegisteredSensor>> ReadAsync(RegistryQuery query, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<RegisteredSensor>> FindAsync(
            IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long> CountAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task WriteAsync(IReadOnlyCollection<RegisteredSensor> sensors, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task ChangeAsync(
            IReadOnlyCollection<int> sensorIds, Func<IReadOnlyList<RegisteredSensor>, IReadOnlyCollection<RegisteredSensor>> change,
            CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<int>> RemoveAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<int>> ForgetAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<ForgottenSensor>> ReadForgottenAsync(long since, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<ForgottenSensor>>([.. Forgotten.Where(sensor => sensor.At >= since)]);
    }
}
