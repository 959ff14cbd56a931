using System.Collections.Immutable;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts;
using GrainSensors.Storage.Alerts;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Grains.Tests.Alerts;

/// <summary>Alerts that are open in the table and that the state of the shard does not have.</summary>
public sealed class StrayAlertTests
{
    private const long Start = 1_795_514_400 * EpochTime.MicrosPerSecond;

    private static readonly MeasurementSet Measurements = MeasurementSet.Default;

    private readonly SimulatedAlerts _table = new();

    [Theory]
    [InlineData(AlertKind.Extreme, "extreme")]
    [InlineData(AlertKind.Threshold, "warm")]
    [InlineData(AlertKind.Expression, "damp")]
    public async Task An_alert_about_a_measurement_that_is_no_longer_configured_is_cleared_under_its_id(AlertKind kind, string rule)
    {
        var id = AlertId.Of(7, "dewpoint", kind, Start, kind.IsBuiltIn(rule) ? "" : rule);
        var alert = new Alert(
            id, 7, "dewpoint", kind, AlertLevel.Warning, Start, Start, null, 1, 30, double.NaN, Start, "Sensor 7: dewpoint 30")
        {
            Rule = rule,
        };
        await _table.WriteAsync([alert], TestContext.Current.CancellationToken);
        var monitor = Activate();
        var reading = new Reading { SensorId = 7, Offset = 1, Timestamp = Start + 1, Values = MeasurementValues.None };
        reading.Values[0] = 20;
        monitor.Observe(new(Guid.NewGuid(), 0), new(ReadingBatch.Of(reading), 0, 1), -1, Start);
        await monitor.FlushAsync(default);
        Assert.Equal((id, Start + 1), (Assert.Single(_table.Rows).Key, _table.Rows[id].ClearedAt));
    }

    private MonitorShard Activate()
    {
        var rules = new MonitorRules(new(new(), ImmutableArray.Create<ExtremeRule?>(null, null)), TimeSpan.FromMinutes(1));
        var directory = new SensorDirectory(
            new ForgettingMonitor(), rules, Measurements, TimeProvider.System, NullLogger<SensorDirectory>.Instance);
        var shard = SensorShards.Of(7);
        var monitor = new MonitorShard(
            shard, Measurements, rules, directory, new NoStates(), _table, new ForgettingMonitor(), ExactnessRules.Default,
            TimeProvider.System);
        monitor.Load(new(Guid.Empty, null, null, null, []), _table.Open(shard));
        return monitor;
    }

    private sealed class NoStates : IMonitorStates
    {
        public Task<StoredMonitor> ReadAsync(int shard, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> WriteAsync(MonitorWrite write, CancellationToken cancellationToken) => Task.FromResult(true);
    }
}
