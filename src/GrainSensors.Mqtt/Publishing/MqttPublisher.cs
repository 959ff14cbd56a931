using GrainSensors.Mqtt.Configuration;
using GrainSensors.Mqtt.Connections;
using MQTTnet;
using MQTTnet.Protocol;

namespace GrainSensors.Mqtt.Publishing;

/// <summary>
/// Sends messages to a broker, which retains the last one of each topic. The connection stays open; after a failure the next call opens
/// another one. One call at a time.
/// </summary>
public sealed class MqttPublisher(MqttBrokerOptions broker) : IAsyncDisposable
{
    /// <summary>A broker that names no limit takes this many messages before the first acknowledgement.</summary>
    private const int MostAtOnce = 100;

    private readonly string _clientId = $"{broker.ClientIdPrefix}-{broker.Name}-alerts-{Guid.NewGuid():N}";
    private IMqttClient? _client;
    private int _atOnce = 1;

    /// <summary>The number of connections so far: on each of them the broker may be one that retains nothing yet.</summary>
    public int Connections { get; private set; }

    /// <summary>Connects, unless a connection is open.</summary>
    /// <exception cref="MqttBridgeException">The broker cannot be reached, or refuses the connection.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        if (_client?.IsConnected == true)
        {
            return;
        }

        await DisposeAsync();
        var client = new MqttClientFactory().CreateMqttClient();
        try
        {
            var options = MqttConnector.OptionsOf(broker, _clientId, persists: false);
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(options.Timeout);
            var accepted = await client.ConnectAsync(options, timeout.Token);
            if (accepted.ResultCode != MqttClientConnectResultCode.Success)
            {
                throw ConnectionFailure.OfRefusal(broker, accepted.ResultCode, accepted.ReasonString);
            }

            _atOnce = accepted.ReceiveMaximum is > 0 and var most ? Math.Min((int)most, MostAtOnce) : MostAtOnce;
        }
        catch (Exception e)
        {
            client.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw ConnectionFailure.Of(broker, e);
        }

        (_client, Connections) = (client, Connections + 1);
    }

    /// <summary>Sends messages with quality of service 1, also those after one that the broker refuses.</summary>
    /// <exception cref="MqttBridgeException">The broker has not acknowledged all of them.</exception>
    public async Task PublishAsync(IReadOnlyCollection<(string Topic, byte[] Payload)> messages, CancellationToken cancellationToken)
    {
        await ConnectAsync(cancellationToken);
        MqttBridgeException? refusal = null;
        try
        {
            foreach (var some in messages.Chunk(_atOnce))
            {
                using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                timeout.CancelAfter(MqttConnector.Timeout);
                var refusals = await Task.WhenAll(some.Select(message => PublishAsync(message.Topic, message.Payload, timeout.Token)));
                refusal ??= refusals.FirstOrDefault(one => one is not null);
            }
        }
        catch (Exception e)
        {
            await DisposeAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw ConnectionFailure.Of(broker, e);
        }

        if (refusal is not null)
        {
            throw refusal;
        }
    }

    public ValueTask DisposeAsync()
    {
        _client?.Dispose();
        _client = null;
        return default;
    }

    /// <returns>Null: the broker has the message.</returns>
    private async Task<MqttBridgeException?> PublishAsync(string topic, byte[] payload, CancellationToken cancellationToken)
    {
        var message = new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithRetainFlag()
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
        var result = await _client!.PublishAsync(message, cancellationToken);
        return result.IsSuccess ? null : ConnectionFailure.OfPublication(broker, topic, result.ReasonCode);
    }
}
