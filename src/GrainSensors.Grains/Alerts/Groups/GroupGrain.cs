using GrainSensors.Contracts.Alerts;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Grains.Alerts.Groups;

/// <summary>The Orleans side of <see cref="GroupAlerts"/>. It runs every second, and less often while the store is unavailable.</summary>
public sealed partial class GroupGrain(IAlertStore alerts, RuleDirectory rules, TimeProvider clock, ILogger<GroupGrain> logger)
    : Grain, IGroupGrain
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly GroupAlerts _groups = new(alerts, rules, clock);
    private IGrainTimer? _timer;
    private string? _failure;

    public Task Start()
    {
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
            await _groups.RunAsync(cancellationToken);
            if (_failure is not null)
            {
                _failure = null;
                _timer?.Change(Interval, Interval);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The grain deactivates.
        }
        catch (WindowStoreUnavailableException e)
        {
            if (_failure != e.Message)
            {
                LogFailed(logger, e.Message);
            }

            _failure = e.Message;
            _timer?.Change(Pause, Pause);
        }
    }

    [LoggerMessage(3215, LogLevel.Warning, "Alerts about groups of sensors wait for the store: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
