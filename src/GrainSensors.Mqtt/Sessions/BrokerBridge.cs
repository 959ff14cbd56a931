using GrainSensors.Mqtt.Status;
using GrainSensors.Storage.Mqtt;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Mqtt.Sessions;

/// <summary>
/// Brings the messages of a broker to Kafka: shares the sessions with the other silos by leases in the database, and runs those that this
/// silo owns.
/// </summary>
/// <remarks>
/// While the database is unavailable the silo keeps its connections: no other silo can take a session then. If one can, because only this
/// silo has lost the database, the broker ends the older of two connections with the same client id.
/// </remarks>
internal sealed partial class BrokerBridge(BridgeContext context)
{
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(3);

    private readonly Dictionary<int, BridgeSession> _sessions = [];
    private string? _trouble;

    public MqttBrokerStatus Status => context.Counters.Read(context.Broker.Name, $"{context.Broker.Host}:{context.Broker.PortNumber}");

    public async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await RenewAsync(stoppingToken);
                await Task.Delay(context.Timings.Renewal, context.Clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAll(_sessions.Values.Select(session => session.DisposeAsync().AsTask()));
            await LeaveAsync();
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            var broker = context.Broker;
            var share = await context.Slots.RenewAsync(
                broker.Name, context.Member, broker.Sessions, context.Timings.Lease, cancellationToken);
            await ApplyAsync(share, cancellationToken);
            _trouble = null;
        }
        catch (WindowStoreUnavailableException e)
        {
            if (_trouble != e.Message)
            {
                _trouble = e.Message;
                LogStoreUnavailable(context.Logger, context.Broker.Description, e.Message);
            }
        }
    }

    private async Task ApplyAsync(MqttSlotShare share, CancellationToken cancellationToken)
    {
        var owned = share.Owned.ToDictionary(slot => slot.Index);
        var lost = _sessions.Keys.Where(index => !owned.ContainsKey(index)).ToList();
        await Task.WhenAll(lost.Select(StopAsync));
        await Task.WhenAll(share.Surplus.Select(async index =>
        {
            await StopAsync(index);
            await context.Slots.ReleaseAsync(context.Broker.Name, context.Member, index, cancellationToken);
        }));
        foreach (var slot in share.Owned.Where(slot => !share.Surplus.Contains(slot.Index) && !_sessions.ContainsKey(slot.Index)))
        {
            _sessions.Add(slot.Index, new(context, slot));
        }

        context.Counters.Owns(_sessions.Count);

        // Slots beyond the number of the configuration have ended.
        if (lost.Count(index => index < context.Broker.Sessions) is > 0 and var count)
        {
            LogLost(context.Logger, count, context.Broker.Description);
        }
    }

    private async Task StopAsync(int index)
    {
        if (_sessions.Remove(index, out var session))
        {
            await session.DisposeAsync();
        }
    }

    /// <summary>Other silos take the sessions at once, and not after the lease.</summary>
    private async Task LeaveAsync()
    {
        using var timeout = new CancellationTokenSource(LeaveTimeout);
        try
        {
            await context.Slots.LeaveAsync(context.Broker.Name, context.Member, timeout.Token);
        }
        catch (Exception e) when (e is WindowStoreUnavailableException or OperationCanceledException)
        {
            // The lease ends by itself.
        }
    }

    [LoggerMessage(
        7011,
        LogLevel.Warning,
        "The sessions of the MQTT broker {Broker} cannot be shared with other silos: {Reason} This silo keeps its connections.")]
    private static partial void LogStoreUnavailable(ILogger logger, string broker, string reason);

    [LoggerMessage(7012, LogLevel.Warning, "Other silos have {Count} sessions of the MQTT broker {Broker} that this silo had")]
    private static partial void LogLost(ILogger logger, int count, string broker);
}
