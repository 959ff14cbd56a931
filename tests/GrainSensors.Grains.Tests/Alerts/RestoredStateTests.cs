using System.Collections.Immutable;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Alerts;
using GrainSensors.Storage.Alerts;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Grains.Tests.Alerts;

/// <summary>A database that is restored under a running monitor.</summary>
public sealed class RestoredStateTests : IMonitorStates
{
    private const long Start = 1_795_514_400 * EpochTime.MicrosPerSecond;

    private static readonly MeasurementSet Measurements = MeasurementSet.Default;
    private static readonly SourceId Source = new(new("0193a5c2-1111-7222-8333-444455556666"), 0);

    private static readonly MonitorRules Rules = new(
        new(new(), ImmutableArray.Create<ExtremeRule?>(new() { High = 40, MinDeviation = double.PositiveInfinity }, null)),
        TimeSpan.FromMinutes(1));

    private readonly SimulatedAlerts _table = new();
    private StoredMonitor _stored = new(Guid.Empty, null, null, null, []);

    [Fact]
    public async Task A_state_of_another_life_is_not_written()
    {
        var monitor = Activate();
        Observe(monitor, offset: 0, 20);
        _stored = _stored with { Life = Guid.NewGuid() };

        Assert.True(monitor.IsOtherLife(_stored.Life));
        Assert.Equal(Marks.None, await monitor.FlushAsync(Source));
        Assert.Null(_stored.Version);
    }

    [Fact]
    public async Task The_monitor_is_refused_and_the_loop_learns_that_readings_are_missing()
    {
        var monitor = Activate();
        Assert.Equal(AddStatus.Applied, Observe(monitor, offset: 0, 20));
        Assert.Equal(0, await monitor.FlushAsync(Source));
        var backup = _stored;
        Assert.Equal(AddStatus.Applied, Observe(monitor, offset: 1, 99));
        Assert.Equal(1, await monitor.FlushAsync(Source));
        var isStale = false;
        monitor.Stale += () => isStale = true;

        // The loop knows offset 1 as durable, so it names no offset before the next one.
        _stored = backup;
        Assert.Equal(AddStatus.Applied, Observe(monitor, offset: 2, 20));
        Assert.Equal(Marks.None, await monitor.FlushAsync(Source));
        Assert.True(isStale);
        Assert.Equal(AddStatus.Gap, Observe(monitor, offset: 3, 20, previous: 2));

        var reloaded = Activate();
        Assert.Equal(AddStatus.Gap, Observe(reloaded, offset: 3, 20, previous: 2));

        // The loop rewinds to the checkpoint of the restored database.
        Assert.Equal(AddStatus.Applied, Observe(reloaded, offset: 1, 99));
        Assert.Equal(AddStatus.Applied, Observe(reloaded, offset: 2, 20, previous: 1));
        Assert.Equal(2, await reloaded.FlushAsync(Source));
        Assert.Equal([(Start + EpochTime.MicrosPerSecond, Start + (2 * EpochTime.MicrosPerSecond))], _table.Intervals.Values);
    }

    private static AddStatus Observe(MonitorShard monitor, int offset, double temperature, long previous = Marks.None)
    {
        var reading = new Reading
        {
            SensorId = 7,
            Offset = offset,
            Timestamp = Start + (offset * EpochTime.MicrosPerSecond),
            Values = MeasurementValues.None,
        };
        reading.Values[0] = temperature;
        return monitor.Observe(Source, new(ReadingBatch.Of(reading), 0, 1), previous, reading.Timestamp);
    }

    private MonitorShard Activate()
    {
        var directory = new SensorDirectory(
            new ForgettingMonitor(), Rules, Measurements, TimeProvider.System, NullLogger<SensorDirectory>.Instance);
        var shard = SensorShards.Of(7);
        var monitor = new MonitorShard(
            shard, Measurements, Rules, directory, this, _table, new ForgettingMonitor(), ExactnessRules.Default,
            TimeProvider.System);
        monitor.Load(_stored, _table.Open(shard));
        return monitor;
    }

    Task<StoredMonitor> IMonitorStates.ReadAsync(int shard, CancellationToken cancellationToken) => Task.FromResult(_stored);

    Task<bool> IMonitorStates.WriteAsync(MonitorWrite write, CancellationToken cancellationToken)
    {
        var next = _stored.After(write);
        _stored = next ?? _stored;
        return Task.FromResult(next is not null);
    }
}
