using GrainSensors.Contracts.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Storage;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace GrainSensors.Grains.Alerts.Groups;

/// <summary>
/// The Orleans side of <see cref="GroupAlerts"/> and <see cref="CompareAlerts"/>. It runs every second, and less often while store or Kafka
/// are unavailable.
/// </summary>
public sealed partial class GroupGrain(
    [PersistentState("compare", MonitorGrain.Storage)] IPersistentState<CompareState> state,
    IStore store,
    RuleDirectory rules,
    MonitorRules settings,
    MeasurementSet measurements,
    IAlertSink sink,
    TimeProvider clock,
    ILogger<GroupGrain> logger) : Grain, IGroupGrain
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly KeptState<CompareState> _kept = new(state);
    private readonly GroupAlerts _groups = new(store.Alerts, rules, clock);
    private readonly CompareAlerts _compared = new(store, rules, settings, measurements, sink, clock);
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
            var hasChanged = await _compared.RunAsync(_kept.Value, cancellationToken);
            await _kept.WriteAsync(hasChanged, cancellationToken);
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
        catch (InconsistentStateException)
        {
            DeactivateOnIdle(); // another activation has gone on
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (_failure != e.Message)
            {
                LogFailed(logger, e.Message);
            }

            _failure = e.Message;
            _timer?.Change(Pause, Pause);
        }
    }

    [LoggerMessage(3215, LogLevel.Warning, "Alerts about several sensors wait: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
