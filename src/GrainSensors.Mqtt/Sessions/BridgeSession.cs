using GrainSensors.Ingest.Retrying;
using GrainSensors.Mqtt.Connections;
using GrainSensors.Storage.Mqtt;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Mqtt.Sessions;

/// <summary>
/// A persistent session that this silo owns: keeps a connection to the broker, and opens it again while the silo owns the slot.
/// </summary>
internal sealed partial class BridgeSession : IAsyncDisposable
{
    private readonly BridgeContext _context;
    private readonly MqttSlot _slot;
    private readonly string _clientId;
    private readonly SessionSubscriptions _subscriptions;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private string? _trouble;

    public BridgeSession(BridgeContext context, MqttSlot slot)
    {
        (_context, _slot) = (context, slot);
        _clientId = context.Broker.ClientId(slot.Index);
        _subscriptions = new(context, slot);
        _running = Task.Run(() => RunAsync(_stopping.Token));
    }

    /// <summary>A slot beyond the number of the configuration: what its session still has is taken, and then it ends.</summary>
    private bool IsRetiring => _slot.Index >= _context.Broker.Sessions;

    /// <summary>Waits until Kafka has what was taken, and ends the connection. The broker keeps the session.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var reason = await RunConnectionAsync(cancellationToken);
                if (reason is null)
                {
                    return;
                }

                Report(reason);
                await Task.Delay(_context.Timings.Reconnect, _context.Clock, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The silo stops, or has lost the slot.
        }
    }

    /// <returns>Why the connection ended; null: the session has ended.</returns>
    private async Task<string?> RunConnectionAsync(CancellationToken cancellationToken)
    {
        var retry = RetryForever.Create(_context.Clock, _context.Timings.Reconnect, failure => Report(failure.Message));
        await using var connection = await retry.ExecuteAsync(
            async token => await ConnectAsync(token), cancellationToken);
        _context.Counters.Connected();
        try
        {
            LogConnected(_context.Logger, _context.Broker.Description, _clientId);
            (_trouble, _context.Counters.Trouble) = (null, null);
            if (IsRetiring)
            {
                await RetireAsync(connection, cancellationToken);
                return null;
            }

            return await connection.Ended.WaitAsync(cancellationToken);
        }
        catch (Exception e) when (e is MqttBridgeException or WindowStoreUnavailableException)
        {
            return e.Message;
        }
        catch (OperationCanceledException)
        {
            await connection.CloseAsync(endSession: false);
            throw;
        }
        finally
        {
            _context.Counters.Disconnected();
        }
    }

    private async Task<MqttConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        await ConfirmAsync(cancellationToken);
        var connection = await MqttConnection.OpenAsync(
            _context.Broker,
            _clientId,
            persists: true,
            _context.Producer,
            _context.Counters,
            message => _context.Broker.Retained || !message.Retain,
            cancellationToken);
        try
        {
            await (IsRetiring
                ? _subscriptions.EndAsync(connection, cancellationToken)
                : _subscriptions.EstablishAsync(connection, cancellationToken));
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// A connection may have ended because another silo has the slot now. A further connection would end that silo's, so the silo asks
    /// the database first.
    /// </summary>
    private async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        var (broker, timings) = (_context.Broker, _context.Timings);
        var share = await _context.Slots.RenewAsync(
            broker.Name, _context.Member, broker.Sessions, timings.Lease, cancellationToken);
        if (!share.Owned.Any(slot => slot.Index == _slot.Index))
        {
            throw new MqttBridgeException($"Another silo has the session \"{_clientId}\" of the MQTT broker {broker.Description}.");
        }
    }

    private async Task RetireAsync(MqttConnection connection, CancellationToken cancellationToken)
    {
        await RetainedMessages.UntilQuietAsync(_context, connection, cancellationToken);
        await connection.CloseAsync(endSession: true);
        await _context.Slots.DeleteAsync(_context.Broker.Name, _context.Member, _slot.Index, cancellationToken);
        LogRetired(_context.Logger, _context.Broker.Description, _clientId);
    }

    /// <summary>Logs a reason once, however often it comes in a row.</summary>
    private void Report(string reason)
    {
        _context.Counters.Trouble = reason;
        if (Interlocked.Exchange(ref _trouble, reason) != reason)
        {
            LogTrouble(_context.Logger, reason);
        }
    }

    [LoggerMessage(7001, LogLevel.Information, "Connected to the MQTT broker {Broker} as \"{ClientId}\"")]
    private static partial void LogConnected(ILogger logger, string broker, string clientId);

    [LoggerMessage(7002, LogLevel.Warning, "{Reason} The silo tries again.")]
    private static partial void LogTrouble(ILogger logger, string reason);

    [LoggerMessage(7003, LogLevel.Information, "The session \"{ClientId}\" at the MQTT broker {Broker} is no longer needed and has ended")]
    private static partial void LogRetired(ILogger logger, string broker, string clientId);
}
