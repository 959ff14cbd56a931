using System.Buffers;
using System.Threading.Channels;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using GrainSensors.Mqtt.Configuration;
using GrainSensors.Mqtt.Status;
using GrainSensors.Sources.Messages;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace GrainSensors.Mqtt.Connections;

/// <summary>
/// One connection to a broker. Each message goes to Kafka at once; the broker gets the acknowledgements in the order of the messages, each
/// after Kafka's. What is not acknowledged when the connection ends comes again on the next one.
/// </summary>
/// <remarks>A connection is never opened again: packet identifiers of an old one would acknowledge messages of a new one.</remarks>
internal sealed class MqttConnection : IAsyncDisposable
{
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(5);

    private readonly MqttBrokerOptions _broker;
    private readonly PayloadProducer _producer;
    private readonly BrokerCounters _counters;
    private readonly Func<MqttApplicationMessage, bool> _isWanted;
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationToken _closed;
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<Forwarded> _forwarded = Channel.CreateUnbounded<Forwarded>(new() { SingleReader = true });
    private readonly Task _acknowledging;
    private volatile bool _isDraining;
    private long _wanted;
    private int _waiting;

    private MqttConnection(
        MqttBrokerOptions broker, string clientId, PayloadProducer producer, BrokerCounters counters,
        Func<MqttApplicationMessage, bool> isWanted)
    {
        (_broker, _producer, _counters, _isWanted) = (broker, producer, counters, isWanted);
        _closed = _closing.Token;
        _client.ApplicationMessageReceivedAsync += ReceiveAsync;
        _client.DisconnectedAsync += ended =>
        {
            _ended.TrySetResult(ConnectionFailure.OfEnd(broker, clientId, ended));
            return Task.CompletedTask;
        };
        _acknowledging = Task.Run(AcknowledgeAsync);
    }

    /// <summary>Completes when the connection has ended, with the reason.</summary>
    public Task<string> Ended => _ended.Task;

    /// <summary>The broker's answer to the connection.</summary>
    public MqttClientConnectResult Accepted { get; private set; } = new();

    /// <summary>The number of wanted messages so far.</summary>
    public long Wanted => Interlocked.Read(ref _wanted);

    /// <summary>Whether every message is acknowledged.</summary>
    public bool IsIdle => Volatile.Read(ref _waiting) == 0;

    /// <param name="persists">Whether the broker keeps the session.</param>
    /// <param name="isWanted">Whether a message goes to Kafka; others are acknowledged only.</param>
    /// <exception cref="MqttBridgeException">The broker cannot be reached, or refuses the connection.</exception>
    public static async Task<MqttConnection> OpenAsync(
        MqttBrokerOptions broker,
        string clientId,
        bool persists,
        PayloadProducer producer,
        BrokerCounters counters,
        Func<MqttApplicationMessage, bool> isWanted,
        CancellationToken cancellationToken)
    {
        var connection = new MqttConnection(broker, clientId, producer, counters, isWanted);
        try
        {
            var options = MqttConnector.OptionsOf(broker, clientId, persists);
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(options.Timeout);
            connection.Accepted = await connection._client.ConnectAsync(options, timeout.Token);
            return connection.Accepted.ResultCode == MqttClientConnectResultCode.Success
                ? connection
                : throw ConnectionFailure.OfRefusal(broker, connection.Accepted.ResultCode, connection.Accepted.ReasonString);
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw ConnectionFailure.Of(broker, e);
        }
    }

    /// <exception cref="MqttBridgeException">The broker refuses a filter, or the connection has ended.</exception>
    public async Task SubscribeAsync(IEnumerable<MqttTopicFilter> filters, CancellationToken cancellationToken)
    {
        var result = await GuardAsync(
            token => _client.SubscribeAsync(new MqttClientSubscribeOptions { TopicFilters = [.. filters] }, token), cancellationToken);
        if (result.Items.FirstOrDefault(item => item.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2) is { } refused)
        {
            throw ConnectionFailure.OfSubscription(_broker, refused.TopicFilter.Topic, refused.ResultCode);
        }
    }

    public Task UnsubscribeAsync(IEnumerable<string> filters, CancellationToken cancellationToken) => GuardAsync(
        token => _client.UnsubscribeAsync(new MqttClientUnsubscribeOptions { TopicFilters = [.. filters] }, token), cancellationToken);

    /// <summary>Waits until Kafka has what was taken, leaves the rest to the broker, and ends the connection.</summary>
    /// <param name="endSession">Whether the session ends, too.</param>
    public async Task CloseAsync(bool endSession)
    {
        _isDraining = true;
        _forwarded.Writer.TryComplete();
        await Task.WhenAny(_acknowledging, Task.Delay(DrainTimeout, CancellationToken.None));
        await EndAsync(endSession ? 0 : MqttConnector.ExpiryOf(_broker));
    }

    public async ValueTask DisposeAsync()
    {
        _isDraining = true;
        await _closing.CancelAsync();
        _forwarded.Writer.TryComplete();
        await EndAsync(MqttConnector.ExpiryOf(_broker));
        _client.Dispose();
        await _acknowledging;
        _closing.Dispose();
    }

    private async Task EndAsync(uint expiry)
    {
        if (!_client.IsConnected)
        {
            return;
        }

        try
        {
            await _client.DisconnectAsync(
                new MqttClientDisconnectOptions { SessionExpiryInterval = _broker.Protocol == MqttProtocol.V5 ? expiry : 0 },
                CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The connection is gone, and the broker notices it.
        }
    }

    private Task ReceiveAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        received.AutoAcknowledge = false;
        var message = received.ApplicationMessage;
        if (_isDraining)
        {
            return Task.CompletedTask;
        }

        var isWanted = _isWanted(message);
        if (isWanted && message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce
            && Volatile.Read(ref _waiting) >= _broker.ReceiveMaximum)
        {
            _counters.Dropped();
            return Task.CompletedTask;
        }

        Interlocked.Add(ref _wanted, isWanted ? 1 : 0);
        Interlocked.Increment(ref _waiting);
        _counters.Received();
        var delivery = isWanted
            ? _producer.ProduceAsync(
                _broker.KafkaTopic, message.Topic, SourceMessage.MqttTopicHeader, message.Payload.ToArray(), _closed)
            : Task.FromResult(true);
        if (!_forwarded.Writer.TryWrite(new(received, delivery)))
        {
            Return();
        }

        return Task.CompletedTask;
    }

    private async Task AcknowledgeAsync()
    {
        await foreach (var (received, delivery) in _forwarded.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                if (!await delivery.WaitAsync(_closed))
                {
                    _counters.Refused();
                }

                await received.AcknowledgeAsync(_closed);
                Interlocked.Decrement(ref _waiting);
                _counters.Acknowledged();
            }
            catch (Exception e)
            {
                // Later messages must not be acknowledged before this one: it comes again with them on the next connection.
                Return();
                _isDraining = true;
                _forwarded.Writer.TryComplete();
                if (e is KafkaUnavailableException || _client.IsConnected)
                {
                    _ended.TrySetResult(
                        e is KafkaUnavailableException ? e.Message : $"The MQTT broker {_broker.Description} takes no acknowledgements.");
                }

                await _closing.CancelAsync();
            }
        }
    }

    private void Return()
    {
        Interlocked.Decrement(ref _waiting);
        _counters.Returned();
    }

    private async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> request, CancellationToken cancellationToken)
    {
        try
        {
            return await request(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not MqttBridgeException)
        {
            throw ConnectionFailure.Of(_broker, e);
        }
    }

    private readonly record struct Forwarded(MqttApplicationMessageReceivedEventArgs Message, Task<bool> Delivery);
}
