using System.Buffers;
using System.Net;
using System.Net.Sockets;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using GrainSensors.Mqtt.Configuration;
using GrainSensors.Sources.Messages;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace GrainSensors.Mqtt.Embedded;

/// <summary>
/// An MQTT broker in this process, on loopback. Every message that a client publishes goes to Kafka; with quality of service 1 or 2 the
/// client gets its acknowledgement after Kafka's. Clients can subscribe as well.
/// </summary>
public sealed class EmbeddedMqttBroker : IAsyncDisposable
{
    /// <summary>The port of MQTT without TLS.</summary>
    public const int DefaultPort = 1883;

    private readonly MqttServer _server;
    private readonly PayloadProducer _producer;
    private int _isStopped;

    private EmbeddedMqttBroker(MqttServer server, PayloadProducer producer, int port)
    {
        (_server, _producer, Port) = (server, producer, port);
        server.InterceptingPublishAsync += PublishAsync;
        server.ValidatingConnectionAsync += connection =>
        {
            connection.AssignedClientIdentifier = string.IsNullOrEmpty(connection.ClientId) ? NamelessClients.NewId() : null;
            return Task.CompletedTask;
        };
    }

    /// <summary>The port on loopback.</summary>
    public int Port { get; }

    /// <param name="port">0: a free one; null: <see cref="DefaultPort"/>, or a free one if it is in use.</param>
    /// <exception cref="SocketException">The port is in use.</exception>
    public static async Task<EmbeddedMqttBroker> StartAsync(PayloadProducer producer, int? port)
    {
        try
        {
            return await ListenAsync(producer, port switch { null => DefaultPort, 0 => FreePort(), { } given => given });
        }
        catch (SocketException) when (port is null)
        {
            return await ListenAsync(producer, FreePort());
        }
    }

    private static async Task<EmbeddedMqttBroker> ListenAsync(PayloadProducer producer, int port)
    {
        var options = new MqttServerOptionsBuilder()
            .WithDefaultEndpoint()
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
            .WithDefaultEndpointBoundIPV6Address(IPAddress.None)
            .WithDefaultEndpointPort(port)
            .Build();
        var server = new MqttServerFactory().CreateMqttServer(options, [new NamelessClients()]);
        try
        {
            await server.StartAsync();
            return new(server, producer, port);
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isStopped, 1) == 0)
        {
            await _server.StopAsync(new MqttServerStopOptions());
            _server.Dispose();
        }
    }

    private async Task PublishAsync(InterceptingPublishEventArgs published)
    {
        var message = published.ApplicationMessage;
        var delivery = _producer.ProduceAsync(
            MqttBrokerOptions.DefaultKafkaTopic, message.Topic, SourceMessage.MqttTopicHeader, message.Payload.ToArray(),
            CancellationToken.None);
        var isAtMostOnce = message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce;

        // While Kafka holds payloads back, a device that expects no acknowledgement has to wait for its connection, too.
        if (isAtMostOnce && !_producer.IsHolding(MqttBrokerOptions.DefaultKafkaTopic))
        {
            return;
        }

        try
        {
            await delivery;
        }
        catch (KafkaUnavailableException) when (isAtMostOnce)
        {
            // Such a message may be lost.
        }
        catch (KafkaUnavailableException)
        {
            // No acknowledgement: the client sends the message again on its next connection.
            published.CloseConnection = true;
            published.ProcessPublish = false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
