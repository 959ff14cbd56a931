using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Alerts;
using GrainSensors.Storage.Alerts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Serialization;

namespace GrainSensors.Grains.Tests.Alerts;

/// <summary>What a checkpoint writes of a monitor.</summary>
public sealed class StoredShardTests
{
    private const long Start = 1_795_514_400 * EpochTime.MicrosPerSecond;
    private const int Shard = 7;

    /// <summary>The grain state of version 0.1: sensors 7 and 8 with three readings each, silent since 32 s, offsets up to 42.</summary>
    private const string OldState =
        "IEAnAQGTpcIREXIigzNERFVVZmYDKkGOAgJWQJoBg0qAAgt0ZW1wZXJhdHVyZQhodW1pZGl0eYCy9uHYwLAGARABk6XCERFyIoMzRERVVWZmAwIOABsAAP+NzhwAAAMB"
        + "AwABAwAQABsAAP+NzhwAAAMBAwABAwBAP0AAQD9AADzlSQA95UkAAFAAAABQAAAAyAAAAMgAAACAAAAAgAAAACcAAAAnAAAAoAAAAKAAAACUAAAAlAAAAwAAAADg";

    private static readonly MeasurementSet Measurements = MeasurementSet.Default;
    private static readonly SourceId Source = new(new("0193a5c2-1111-7222-8333-444455556666"), 3);
    private static readonly int[] Sensors = [.. Enumerable.Range(0, 60_000).Where(id => SensorShards.Of(id) == Shard)];

    private readonly SimulatedAlerts _table = new();
    private readonly MonitorStatesInMemory _states = new(_ => Task.FromResult(Guid.Empty));
    private long _offset = 42;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_checkpoint_writes_the_sensors_that_have_reported_and_sometimes_all()
    {
        var monitor = await ActivateAsync();
        await FlushAsync(monitor, Sensors);
        var all = await _states.ReadAsync(Shard, Stop);
        Assert.Empty(all.Changes);

        var written = new List<int>();
        for (var i = 0; i < 300; i++)
        {
            await FlushAsync(monitor, [.. Sensors.Where((_, n) => n % 100 == i % 100)]);
            var stored = await _states.ReadAsync(Shard, Stop);
            written.Add(stored.Changes.Count == 0 ? stored.Watches!.Length : stored.Changes[^1].Length);
        }

        Assert.InRange(written.Count(length => length > all.Watches!.Length / 2), 1, 20);
        Assert.InRange(written.Sum(), 1, 300 * all.Watches!.Length / 8);
    }

    [Fact]
    public async Task A_checkpoint_writes_all_sensors_when_all_have_reported()
    {
        var monitor = await ActivateAsync();
        for (var i = 0; i < 5; i++)
        {
            await FlushAsync(monitor, Sensors);
            Assert.Empty((await _states.ReadAsync(Shard, Stop)).Changes);
        }
    }

    [Fact]
    public async Task The_next_activation_has_the_state_and_all_changes()
    {
        var monitor = await ActivateAsync();
        await FlushAsync(monitor, Sensors);
        await FlushAsync(monitor, [Sensors[0], Sensors[1]]);
        await FlushAsync(monitor, [Sensors[1], Sensors[2]]);
        Assert.Equal(2, (await _states.ReadAsync(Shard, Stop)).Changes.Count);

        Assert.Equal([2, 3, 2, 1], (await CountsAsync()).Take(4));
        await FlushAsync(await ActivateAsync(), [Sensors[3]]);
        Assert.Equal([2, 3, 2, 2, 1], (await CountsAsync()).Take(5));
    }

    [Fact]
    public async Task A_shard_that_is_seldom_heard_of_is_written_whole_after_many_changes()
    {
        var monitor = await ActivateAsync();
        await FlushAsync(monitor, [.. Sensors, .. Enumerable.Range(100_000, 50_000)]);
        var most = 0;
        for (var i = 0; i < 600; i++)
        {
            await FlushAsync(monitor, [Sensors[0]]);
            most = Math.Max(most, (await _states.ReadAsync(Shard, Stop)).Changes.Count);
        }

        Assert.Equal(500, most);
    }

    [Fact]
    public async Task A_state_of_version_0_1_goes_on_and_is_written_whole_first()
    {
        var old = new StoredMonitor(Guid.Empty, 458749705, null, Convert.FromBase64String(OldState), []);
        await using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        var converted = ShardState.Convert(old, serializer);
        Assert.Same(converted, ShardState.Convert(converted, serializer));

        var watches = new SensorWatches(Measurements, AlertRules.Default(Measurements));
        watches.Load(converted.Watches);
        Assert.Equal([7, 8], watches.SensorIds.Order());
        Assert.Equal(Start + (32 * EpochTime.MicrosPerSecond), watches.Find(8)!.Silence.RaisedAt);
        Assert.Equal((3, 29), (watches.Find(8)!.Values[0].Usual.Count, watches.Find(8)!.Values[0].Usual.Mean));
        Assert.Equal(42, Marks.Parse(converted.Marks)[Source]);

        var store = new OldStore(old);
        var monitor = NewMonitor(store);
        monitor.Load(converted, []);
        Assert.Equal(AddStatus.Applied, Observe(monitor, [7], 42));
        await FlushAsync(monitor, [.. Enumerable.Range(1000, 200)]);
        await FlushAsync(monitor, [7]);

        Assert.Equal([0, 1], store.Writes.Select(write => write.Change));
        Assert.Equal(old.Version, store.Writes[0].Replaces);
        watches = new SensorWatches(Measurements, AlertRules.Default(Measurements));
        watches.Load(store.Writes[0].Watches, [store.Writes[1].Watches]);
        Assert.Equal((202, 4, 3), (watches.Count, watches.Find(7)!.Values[0].Usual.Count, watches.Find(8)!.Values[0].Usual.Count));
    }

    private async Task<int[]> CountsAsync()
    {
        var stored = await _states.ReadAsync(Shard, Stop);
        var watches = new SensorWatches(Measurements, AlertRules.Default(Measurements));
        watches.Load(stored.Watches, stored.Changes);
        return Array.ConvertAll(Sensors, id => watches.Find(id)!.Values[0].Usual.Count);
    }

    private async Task FlushAsync(MonitorShard monitor, int[] sensors)
    {
        Assert.Equal(AddStatus.Applied, Observe(monitor, sensors, ++_offset));
        Assert.Equal(_offset, await monitor.FlushAsync(Source));
    }

    private static AddStatus Observe(MonitorShard monitor, int[] sensors, long offset)
    {
        var at = Start + (offset * EpochTime.MicrosPerSecond);
        var readings = Array.ConvertAll(sensors, sensor =>
        {
            var reading = new Reading { SensorId = sensor, Offset = offset, Timestamp = at, Values = MeasurementValues.None };
            reading.Values[0] = sensor < 10 ? 21 + sensor : 20 + ((sensor * 31 % 100) / 100.0);
            return reading;
        });
        return monitor.Observe(Source, new(ReadingBatch.Of(readings), 0, readings.Length), Marks.None, at);
    }

    private async Task<MonitorShard> ActivateAsync()
    {
        var monitor = NewMonitor(_states);
        monitor.Load(await _states.ReadAsync(Shard, Stop), []);
        return monitor;
    }

    private MonitorShard NewMonitor(IMonitorStates states)
    {
        var rules = new MonitorRules(AlertRules.Default(Measurements), TimeSpan.Zero);
        var directory = new SensorDirectory(
            new ForgettingMonitor(), rules, Measurements, TimeProvider.System, NullLogger<SensorDirectory>.Instance);
        return new(
            Shard, Measurements, rules, directory, states, _table, new ForgettingMonitor(), ExactnessRules.Default, TimeProvider.System);
    }

    private sealed class OldStore(StoredMonitor stored) : IMonitorStates
    {
        private StoredMonitor? _stored = stored;

        public List<MonitorWrite> Writes { get; } = [];

        public Task<StoredMonitor> ReadAsync(int shard, CancellationToken cancellationToken) => Task.FromResult(_stored!);

        public Task<bool> WriteAsync(MonitorWrite write, CancellationToken cancellationToken)
        {
            Writes.Add(write with { Watches = [.. write.Watches] });
            _stored = _stored!.After(write);
            return Task.FromResult(_stored is not null);
        }
    }
}
