using System.Net;
using System.Net.Sockets;
using System.Text;
using GrainSensors.Mqtt.Configuration;
using MQTTnet;
using MQTTnet.Formatter;

namespace GrainSensors.Mqtt.Connections;

/// <summary>The options of connections to a broker.</summary>
internal static class MqttConnector
{
    /// <summary>The broker takes a client that is silent for one and a half times this long for gone.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>For an answer of the broker.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private const int SocketBuffer = 64 * 1024;

    /// <param name="persists">Whether the broker keeps the session, and continues the one that it has.</param>
    /// <exception cref="MqttBridgeException">A file holds no certificate.</exception>
    public static MqttClientOptions OptionsOf(MqttBrokerOptions broker, string clientId, bool persists)
    {
        var options = new MqttClientOptions
        {
            ChannelOptions = new MqttClientTcpOptions
            {
                RemoteEndpoint = new DnsEndPoint(broker.Host, broker.PortNumber),
                TlsOptions = ConnectionTls.Read(broker),
                BufferSize = SocketBuffer,

                // MQTTnet resets connections by default, and the last acknowledgements are lost with them.
                LingerState = new LingerOption(false, 0),
            },
            ClientId = clientId,
            CleanSession = !persists,
            KeepAlivePeriod = KeepAlive,
            Timeout = Timeout,
            ProtocolVersion = broker.Protocol == MqttProtocol.V5 ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311,
            Credentials = broker.User is null
                ? null
                : new MqttClientCredentials(broker.User, broker.Password is null ? null : Encoding.UTF8.GetBytes(broker.Password)),
        };
        if (broker.Protocol == MqttProtocol.V5)
        {
            options.ReceiveMaximum = (ushort)broker.ReceiveMaximum;
            options.SessionExpiryInterval = persists ? ExpiryOf(broker) : 0;
        }

        return options;
    }

    /// <returns>Seconds.</returns>
    public static uint ExpiryOf(MqttBrokerOptions broker) => (uint)broker.SessionExpiry.TotalSeconds;
}
