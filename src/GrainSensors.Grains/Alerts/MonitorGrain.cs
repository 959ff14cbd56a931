using GrainSensors.Contracts.Alerts;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using Orleans.Dashboard;
using Orleans.Placement;
using Orleans.Serialization;

namespace GrainSensors.Grains.Alerts;

/// <summary>
/// The Orleans side of <see cref="MonitorShard"/>: identity, life cycle, durable state, and exceptions that cross silos.
/// </summary>
[NoProfiling]
[PreferLocalPlacement] // on the silo that consumes the partition of its sensors
[Immovable] // it stays there
public sealed partial class MonitorGrain(
    IMonitorStates states,
    MeasurementSet measurements,
    MonitorRules rules,
    SensorDirectory directory,
    RuleDirectory ruleDirectory,
    IAlertStore alerts,
    IWindowStore store,
    ISensorNames names,
    LiveTopics topics,
    IAlertSink sink,
    TimeProvider clock,
    Serializer serializer,
    ILogger<MonitorGrain> logger) : Grain, IMonitorGrain, IRemindable
{
    /// <summary>The name of the grain storage of alerts.</summary>
    public const string Storage = "grainsensors";

    private const string Reminder = "keep watching";

    /// <summary>
    /// The shortest period that Orleans allows. A shard whose silo died is watched again after this time at the latest, even without
    /// readings.
    /// </summary>
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(1);

    private MonitorShard? _shard;

    private MonitorShard Shard => _shard!;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyLong();
        if (key is < 0 or >= SensorShards.Count)
        {
            throw new ArgumentException($"The key of a monitor must be a shard from 0 to {SensorShards.Count - 1}; got {key}.");
        }

        _shard = new(
            (int)key, measurements, rules, directory, states, alerts, sink, ExactnessRules.Default, clock, names, topics, ruleDirectory);
        _shard.Stale += () =>
        {
            LogStale(logger, key);
            DeactivateOnIdle();
        };
        try
        {
            var stored = await states.ReadAsync((int)key, cancellationToken);
            await directory.ReadForgottenAsync(cancellationToken);
            await ruleDirectory.ReadAsync(cancellationToken);
            _shard.Load(ShardState.Convert(stored, serializer), await alerts.ReadOpenAsync((int)key, cancellationToken));
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
            // No reading is lost: no checkpoint has passed the unwritten readings, so they are read again.
            LogNotFlushed(logger, this.GetPrimaryKeyLong(), Sentence(e));
        }
    }

    public async ValueTask<AddStatus> Observe(SourceId source, ShardReadings readings, long previous, long streamTime, Guid life)
    {
        if (!Shard.IsOtherLife(life))
        {
            return Shard.Observe(source, readings, previous, streamTime);
        }

        // The next activation must know the life that the caller knows.
        DeactivateOnIdle();
        try
        {
            await store.ReadLifeAsync(CancellationToken.None);
        }
        catch (WindowStoreUnavailableException e)
        {
            throw Failed(e);
        }

        return AddStatus.Gap;
    }

    public ValueTask<bool> Tick(SourceId source, long streamTime, long lastSent) => new(Shard.Tick(source, streamTime, lastSent));

    public async ValueTask<long> Flush(SourceId source, Guid life)
    {
        if (Shard.IsOtherLife(life))
        {
            return Marks.None;
        }

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

    /// <summary>Does nothing: the call activates the grain, and the partition loops report stream time to it.</summary>
    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;

    private async Task RemindAsync()
    {
        try
        {
            await this.RegisterOrUpdateReminder(Reminder, ReminderPeriod, ReminderPeriod);
        }
        catch (Exception e)
        {
            // The monitor works without a reminder, and the next activation registers it.
            LogNoReminder(logger, this.GetPrimaryKeyLong(), FailureReason.Of(e));
        }
    }

    /// <summary>An exception that crosses silos carries the message only: the exceptions of database drivers do not serialize.</summary>
    private static WindowStoreException Failed(Exception e) => new(Sentence(e));

    /// <summary>Orleans puts the stack trace of a failed write into the message of its exception.</summary>
    private static string Sentence(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            if (cause is WindowStoreUnavailableException or WindowStoreException)
            {
                return cause.Message;
            }
        }

        return $"The state of the monitor cannot be stored: {FailureReason.Of(e.GetBaseException()).TrimEnd('.')}.";
    }

    [LoggerMessage(
        3201, LogLevel.Information, "Another activation wrote the monitor state of shard {Shard}; this activation restarts")]
    private static partial void LogStale(ILogger logger, long shard);

    [LoggerMessage(
        3202,
        LogLevel.Debug,
        "Flushing the monitor of shard {Shard} on deactivation failed; its readings are read again from Kafka: {Reason}")]
    private static partial void LogNotFlushed(ILogger logger, long shard, string reason);

    [LoggerMessage(3203, LogLevel.Warning, "Registering the reminder of the monitor of shard {Shard} failed: {Reason}")]
    private static partial void LogNoReminder(ILogger logger, long shard, string reason);
}
