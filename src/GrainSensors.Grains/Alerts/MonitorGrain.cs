using GrainSensors.Contracts.Alerts;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using Orleans.Dashboard;
using Orleans.Placement;
using Orleans.Storage;

namespace GrainSensors.Grains.Alerts;

/// <summary>The Orleans side of <see cref="MonitorShard"/>: identity, life cycle, durable state, and errors that cross silos.</summary>
[NoProfiling]
[PreferLocalPlacement] // on the silo that consumes the partition of its sensors
[Immovable] // the array of its state is written over before the state is: it must not be carried to another silo in between
public sealed partial class MonitorGrain(
    [PersistentState(MonitorGrain.StateName, MonitorGrain.Storage)] IPersistentState<ShardState> state,
    MeasurementSet measurements,
    MonitorRules rules,
    SensorDirectory directory,
    IAlertStore alerts,
    IAlertSink sink,
    TimeProvider clock,
    ILogger<MonitorGrain> logger) : Grain, IMonitorGrain, IRemindable, IShardStorage
{
    public const string StateName = "monitor";

    /// <summary>The grain storage that it is kept in.</summary>
    public const string Storage = "grainsensors";

    private const string Reminder = "keep watching";

    /// <summary>The shortest that Orleans allows: a shard whose silo died is watched again after this at the latest, though no reading comes.</summary>
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(1);

    private MonitorShard? _shard;

    private MonitorShard Shard => _shard!;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyLong();
        if (key is < 0 or >= SensorShards.Count)
        {
            throw new ArgumentException($"A monitor has no key {key}; use a shard from 0 to {SensorShards.Count - 1}.");
        }

        _shard = new((int)key, measurements, rules, directory, this, alerts, sink, ExactnessRules.Default, clock);
        _shard.Stale += () =>
        {
            LogStale(logger, key);
            DeactivateOnIdle();
        };
        try
        {
            _shard.Load(state.State, await alerts.ReadOpenAsync((int)key, cancellationToken));
        }
        catch (WindowStoreUnavailableException e)
        {
            throw Failed(e);
        }

        _ = RemindAsync();
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_shard is not { HasUnwrittenState: true })
        {
            return;
        }

        try
        {
            await _shard.FlushAsync(default).WaitAsync(cancellationToken);
        }
        catch (Exception e)
        {
            // Nothing is lost: no checkpoint has passed what was not written, so it is read again.
            LogNotFlushed(logger, this.GetPrimaryKeyLong(), e.Message);
        }
    }

    public ValueTask<AddStatus> Observe(SourceId source, ShardReadings readings, long previous, long streamTime) =>
        new(Shard.Observe(source, readings, previous, streamTime));

    public ValueTask<bool> Tick(SourceId source, long streamTime, long lastSent) => new(Shard.Tick(source, streamTime, lastSent));

    public async ValueTask<long> Flush(SourceId source)
    {
        try
        {
            return await Shard.FlushAsync(source);
        }
        catch (Exception e) when (e is not WindowStoreException)
        {
            throw Failed(e);
        }
    }

    public ValueTask Release(SourceId source)
    {
        if (Shard.Sources <= 1)
        {
            DeactivateOnIdle();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Being called is all it takes: time is told by the loops of the partitions.</summary>
    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;

    async Task<bool> IShardStorage.WriteAsync(byte[] marks, byte[] watches)
    {
        state.State = new() { Marks = marks, Watches = watches };
        try
        {
            await state.WriteStateAsync();
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }

    private async Task RemindAsync()
    {
        try
        {
            await this.RegisterOrUpdateReminder(Reminder, ReminderPeriod, ReminderPeriod);
        }
        catch (Exception e)
        {
            // It watches all the same, and the next activation tries again.
            LogNoReminder(logger, this.GetPrimaryKeyLong(), e.Message);
        }
    }

    /// <summary>What crosses silos carries the sentence only: the exceptions of drivers do not serialize.</summary>
    private static WindowStoreException Failed(Exception e) => new(e.Message);

    [LoggerMessage(3201, LogLevel.Information, "The monitor of shard {Shard} was written by another activation; this one starts again")]
    private static partial void LogStale(ILogger logger, long shard);

    [LoggerMessage(3202, LogLevel.Warning, "The monitor of shard {Shard} could not be flushed on deactivation; what it saw is read again from the log: {Reason}")]
    private static partial void LogNotFlushed(ILogger logger, long shard, string reason);

    [LoggerMessage(3203, LogLevel.Warning, "The monitor of shard {Shard} has no reminder to wake it: {Reason}")]
    private static partial void LogNoReminder(ILogger logger, long shard, string reason);
}
