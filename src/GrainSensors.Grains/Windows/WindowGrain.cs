using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using Orleans.Dashboard;
using Orleans.Placement;

namespace GrainSensors.Grains.Windows;

/// <summary>The Orleans side of <see cref="SensorWindows"/>: identity, life cycle, and errors that cross silos.</summary>
[NoProfiling] // the dashboard's bookkeeping costs more than the call
[PreferLocalPlacement] // on the silo that consumes the sensor's partition
public sealed partial class WindowGrain(
    IWindowStore store, MeasurementSet measurements, ILogger<WindowGrain> logger, IWindowEvents? events = null, LocalWindowGrains? activations = null)
    : Grain, IWindowGrain, IBatchFlushMember
{
    /// <summary>Longer than any two checkpoints are apart.</summary>
    private static readonly TimeSpan KeptAfterTurn = TimeSpan.FromMinutes(5);

    private static readonly Func<long> NewToken = Random.Shared.NextInt64;

    private SensorWindows? _windows;
    private Period _period;
    private LocalWindowGrain? _activation;

    private SensorWindows Windows => _windows!;

    SensorWindows IBatchFlushMember.Windows => Windows;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var sensorId = this.GetPrimaryKeyLong(out var text);
        if (sensorId is < 0 or > int.MaxValue || !Period.TryParse(text, out var period, out _) || period.ToString() != text)
        {
            throw new ArgumentException(
                $"A window grain has no key ({sensorId}, \"{text}\"); use a sensor id from 0 to {int.MaxValue} and a period in its canonical form, such as PT15M.");
        }

        _period = period;
        _windows = new((int)sensorId, period, measurements, store, ExactnessRules.Default, NewToken, events);
        _windows.Stale += BecomeStale;
        _activation = new(this);
        activations?.Add((int)sensorId, period, _activation);
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_windows is null || _activation is null)
        {
            return;
        }

        _activation.End();
        activations?.Remove((int)this.GetPrimaryKeyLong(out _), _period, _activation);
        if (!_windows.HasUnwrittenRows)
        {
            return;
        }

        try
        {
            await _windows.FlushAsync(default).AsTask().WaitAsync(cancellationToken);
        }
        catch (Exception e) when (e is WindowStoreUnavailableException or OperationCanceledException)
        {
            // Nothing is lost: no checkpoint has passed what was not written, so it is read again.
            LogNotFlushed(logger, this.GetPrimaryKeyLong(out _), e.Message);
        }
    }

    public async ValueTask<AddStatus> Add(SourceId source, ReadingSlice readings, long previous)
    {
        try
        {
            return await Windows.AddAsync(source, readings, previous);
        }
        catch (WindowStoreUnavailableException e)
        {
            throw Failed(e);
        }
    }

    internal void QueueTurn(Action<object> turn, object state) => GrainContext.Scheduler.QueueAction(turn, state);

    void IBatchFlushMember.QueueTurn(Action<object> turn, object state) => QueueTurn(turn, state);

    // Orleans takes a grain for idle that nobody calls.
    void IBatchFlushMember.StayActive() => DelayDeactivation(KeptAfterTurn);

    internal bool TryAdd(SourceId source, ReadingSlice readings, long previous, out AddStatus status) =>
        Windows.TryAdd(source, readings, previous, out status);

    public async ValueTask<long> Flush(SourceId source)
    {
        try
        {
            return await Windows.FlushAsync(source);
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
            return await Windows.CloseAsync(source, starts, previous);
        }
        catch (WindowStoreUnavailableException e)
        {
            throw Failed(e);
        }
        catch (WindowEventsException e)
        {
            throw new WindowStoreException(e.Message);
        }
    }

    public ValueTask Release()
    {
        DeactivateOnIdle();
        return ValueTask.CompletedTask;
    }

    private void BecomeStale()
    {
        LogStale(logger, this.GetPrimaryKeyLong(out _), _period.ToString());
        _activation?.End();
        DeactivateOnIdle();
    }

    /// <summary>What crosses silos carries the sentence only: the driver's exceptions do not serialize.</summary>
    private static WindowStoreException Failed(WindowStoreUnavailableException e) => new(e.Message);

    [LoggerMessage(3001, LogLevel.Information, "The windows of sensor {SensorId}, {Period}, were written by another activation; this one starts again")]
    private static partial void LogStale(ILogger logger, long sensorId, string period);

    [LoggerMessage(3002, LogLevel.Warning, "The windows of sensor {SensorId} could not be flushed on deactivation and will be read again from the log: {Reason}")]
    private static partial void LogNotFlushed(ILogger logger, long sensorId, string reason);
}
