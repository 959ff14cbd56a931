using GrainSensors.Contracts.Alerts;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace GrainSensors.Grains.Alerts;

/// <summary>
/// The Orleans side of <see cref="AlertNotifier"/>. It runs every second, and less often while the receiver is unavailable.
/// </summary>
/// <remarks>
/// The timer does the retries. A retry policy would hold the turn of the grain during its pauses, and calls of
/// <see cref="INotifierGrain.Start"/> would time out.
/// </remarks>
public sealed partial class NotifierGrain(
    [PersistentState("notifier", MonitorGrain.Storage)] IPersistentState<NotifierState> state,
    IAlertStore alerts,
    IEnumerable<IAlertReceiver> receivers,
    TimeProvider clock,
    ILogger<NotifierGrain> logger) : Grain, INotifierGrain
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly KeptState<NotifierState> _kept = new(state);
    private IAlertReceiver? _receiver;
    private AlertNotifier? _notifier;
    private IGrainTimer? _timer;
    private TimeSpan _pause = Interval;

    public Task Start()
    {
        if (_notifier is null)
        {
            _receiver = receivers.FirstOrDefault(receiver => receiver.Key == this.GetPrimaryKeyLong());
            if (_receiver is null)
            {
                DeactivateOnIdle(); // another silo has a configuration with this receiver
                return Task.CompletedTask;
            }

            _notifier = new(alerts, _receiver, clock);
        }

        _timer ??= this.RegisterGrainTimer(
            static (grain, cancellationToken) => grain.RunAsync(cancellationToken),
            this,
            new GrainTimerCreationOptions(TimeSpan.Zero, Interval) { KeepAlive = true });
        return Task.CompletedTask;
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var hasChanged = await _notifier!.RunAsync(_kept.Value, cancellationToken);
            await _kept.WriteAsync(hasChanged, cancellationToken);
            await _receiver!.ContinueAsync(cancellationToken);
            _pause = Interval;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return; // the grain deactivates
        }
        catch (InconsistentStateException)
        {
            DeactivateOnIdle(); // another activation has gone on
            return;
        }
        catch (Exception e) when (e is AlertDeliveryException or WindowStoreUnavailableException)
        {
            if (_pause == Interval)
            {
                LogFailed(logger, _receiver!.Description, e.Message);
            }

            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        }

        _timer?.Change(_pause, _pause);
    }

    [LoggerMessage(3221, LogLevel.Warning, "Delivery of alerts to {Receiver} failed and will be retried: {Reason}")]
    private static partial void LogFailed(ILogger logger, string receiver, string reason);
}
