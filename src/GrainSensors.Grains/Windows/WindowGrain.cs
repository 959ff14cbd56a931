using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using Orleans.Dashboard;
using Orleans.Placement;

namespace GrainSensors.Grains.Windows;

/// <summary>The Orleans side of <see cref="WindowCalls"/>: identity, life cycle, and exceptions that cross silos.</summary>
[NoProfiling] // the dashboard's bookkeeping costs more than the call
[PreferLocalPlacement] // on the silo that consumes the sensor's partition
public sealed partial class WindowGrain(
    IWindowStore store,
    MeasurementCatalog catalog,
    ILogger<WindowGrain> logger,
    IWindowEvents? events = null,
    LocalWindowGrains? localGrains = null,
    Deduplication? deduplication = null,
    ISensorNames? names = null) : Grain, IWindowGrain, IWindowActivation
{
    /// <summary>The time that a turn keeps the grain active; longer than the interval of two checkpoints.</summary>
    private static readonly TimeSpan KeptAfterTurn = TimeSpan.FromMinutes(5);

    private static readonly Func<long> NewRowVersion = Random.Shared.NextInt64;

    private SensorWindows? _windows;
    private WindowCalls? _calls;
    private Period _period;
    private LocalWindowGrain? _localGrain;

    private WindowCalls Calls => _calls!;

    /// <summary>The sensor in log events.</summary>
    private SensorRef Sensor => names.InMemory((int)this.GetPrimaryKeyLong(out _));

    SensorWindows IWindowActivation.Windows => _windows!;

    WindowFlush IWindowActivation.Flush => Calls.Flush;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var sensorId = this.GetPrimaryKeyLong(out var text);
        var isSensor = sensorId is (>= 0 and <= int.MaxValue) or (>= int.MinValue and <= SensorName.MaxNumber);
        if (!isSensor || !Period.TryParse(text, out var period, out _) || period.ToString() != text)
        {
            throw new ArgumentException(
                $"The key of a window grain must be a sensor id from 0 to {int.MaxValue}, or the number of a name from {int.MinValue} to "
                + $"{SensorName.MaxNumber}, and a period in canonical form, such as PT15M; got {sensorId} and \"{text}\".");
        }

        _period = period;
        _windows = new((int)sensorId, period, catalog, ExactnessRules.Default, deduplication) { Life = store.Life };
        _windows.Stale += BecomeStale;
        _calls = new(_windows, store, NewRowVersion, events);
        _localGrain = new(this);
        localGrains?.Add((int)sensorId, period, _localGrain);
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_windows is null || _localGrain is null)
        {
            return;
        }

        _localGrain.End();
        localGrains?.Remove((int)this.GetPrimaryKeyLong(out _), _period, _localGrain);
        if (!_windows.HasUnwrittenRows)
        {
            return;
        }

        try
        {
            await Calls.FlushAsync(default, default).AsTask().WaitAsync(cancellationToken);
        }
        catch (Exception e) when (e is WindowStoreUnavailableException or OperationCanceledException)
        {
            // No reading is lost: no checkpoint has passed the unwritten readings, so they are read again.
            LogNotFlushed(logger, Sensor, e.Message);
        }
    }

    public async ValueTask<AddStatus> Add(SourceId source, ReadingSlice readings, long previous, Guid life)
    {
        try
        {
            if (life != _windows!.Life)
            {
                // The next activation must know the life that the caller knows.
                await store.ReadLifeAsync(CancellationToken.None);
            }

            return await Calls.AddAsync(source, readings, previous, life);
        }
        catch (WindowStoreUnavailableException e)
        {
            throw Failed(e);
        }
    }

    void IWindowActivation.QueueTurn(Action<object> turn, object state) => GrainContext.Scheduler.QueueAction(turn, state);

    // Turns are no calls: without this, Orleans would collect a grain that only takes turns as idle.
    void IWindowActivation.StayActive() => DelayDeactivation(KeptAfterTurn);

    public async ValueTask<long> Flush(SourceId source, Guid life)
    {
        try
        {
            return await Calls.FlushAsync(source, life);
        }
        catch (WindowStoreUnavailableException e)
        {
            throw Failed(e);
        }
    }

    public async ValueTask<bool> Close(SourceId source, long[] starts, long previous)
    {
        try
        {
            return await Calls.CloseAsync(source, starts, previous);
        }
        catch (WindowStoreUnavailableException e)
        {
            throw Failed(e);
        }
    }

    public ValueTask Release()
    {
        DeactivateOnIdle();
        return ValueTask.CompletedTask;
    }

    private void BecomeStale()
    {
        LogStale(logger, Sensor, _period.ToString());
        _localGrain?.End();
        DeactivateOnIdle();
    }

    /// <summary>An exception that crosses silos carries the message only: the exceptions of database drivers do not serialize.</summary>
    private static WindowStoreException Failed(WindowStoreUnavailableException e) => new(e.Message);

    [LoggerMessage(
        3001,
        LogLevel.Information,
        "Another activation wrote the {Period} windows of sensor {SensorId}, or the store was restored; this activation restarts")]
    private static partial void LogStale(ILogger logger, SensorRef sensorId, string period);

    [LoggerMessage(
        3002,
        LogLevel.Debug,
        "Flushing the windows of sensor {SensorId} on deactivation failed; their readings are read again from Kafka: {Reason}")]
    private static partial void LogNotFlushed(ILogger logger, SensorRef sensorId, string reason);
}
