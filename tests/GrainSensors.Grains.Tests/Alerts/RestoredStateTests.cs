using System.Collections.Immutable;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Alerts;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Grains.Tests.Alerts;

/// <summary>A database that is restored under a running monitor.</summary>
public sealed class RestoredStateTests
{
    private const long Start = 1_795_514_400 * EpochTime.MicrosPerSecond;

    private static readonly MeasurementSet Measurements = MeasurementSet.Default;
    private static readonly SourceId Source = new(new("0193a5c2-1111-7222-8333-444455556666"), 0);

    private static readonly MonitorRules Rules = new(
        new(new(), ImmutableArray.Create<ExtremeRule?>(new() { High = 40, MinDeviation = double.PositiveInfinity }, null)),
        TimeSpan.FromMinutes(1));

    private readonly SimulatedAlerts _table = new();
    private (ShardState State, Guid Version) _stored = (new(), Guid.Empty);

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
        return monitor.Observe(Source, new([reading], 0, 1), previous, reading.Timestamp);
    }

    private MonitorShard Activate()
    {
        var directory = new SensorDirectory(
            new ForgettingMonitor(), Rules, Measurements, TimeProvider.System, NullLogger<SensorDirectory>.Instance);
        var shard = SensorShards.Of(7);
        var monitor = new MonitorShard(
            shard, Measurements, Rules, directory, new Storage(this), _table, new ForgettingMonitor(), ExactnessRules.Default,
            TimeProvider.System);
        monitor.Load(_stored.State, _table.Open(shard));
        return monitor;
    }

    /// <summary>The state in the database, as one activation knows it.</summary>
    private sealed class Storage(RestoredStateTests database) : IShardStorage
    {
        private Guid _version = database._stored.Version;

        public Task<bool> WriteAsync(byte[] marks, byte[] watches)
        {
            if (database._stored.Version != _version)
            {
                return Task.FromResult(false);
            }

            database._stored = (new() { Marks = marks, Watches = [.. watches] }, _version = Guid.NewGuid());
            return Task.FromResult(true);
        }
    }
}
