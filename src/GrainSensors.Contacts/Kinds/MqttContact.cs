using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GrainSensors.Contacts.Messages;
using GrainSensors.Contacts.Targets;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace GrainSensors.Contacts.Kinds;

/// <summary>A topic of an MQTT broker, which gets the notice as JSON with quality of service 1.</summary>
/// <param name="trust">Checks the certificate of the broker; null: the authorities of the system do.</param>
internal sealed class MqttContact(Func<MqttClientCertificateValidationEventArgs, bool>? trust = null) : IContactKind
{
    private const string Tls = "mqtts";
    private const string True = "true", False = "false";
    private const string Version3 = "3.1.1", Version5 = "5";
    private const int PlainPort = 1883, TlsPort = 8883;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public string Name => "mqtt";

    public int RatePerMinute => 600;

    public bool KeepsAlerts => false;

    public IReadOnlyList<ContactField> Fields { get; } =
    [
        new("url", "an address such as mqtt://broker:1883 or mqtts://broker:8883") { IsRequired = true, IsValid = IsBroker },
        new("topic", $"a topic such as alerts/{{sensor_id}}; it may have {MqttTopic.Names}")
        {
            IsRequired = true, IsValid = MqttTopic.IsValid,
        },
        ContactField.OneOf("retain", True, False),
        ContactField.OneOf("protocol", Version5, Version3),
        new("user", "the name of the account"),
        new("password", "the password of the account") { IsSecret = true },
    ];

    public async Task SendAsync(ContactValues values, Notification notification, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        try
        {
            var url = new Uri(values.Get("url"));
            using var client = await ConnectAsync(url, values, limit.Token);
            await PublishAsync(client, values, notification, limit.Token);
            await client.DisconnectAsync(new MqttClientDisconnectOptions(), limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeliveryException($"The MQTT broker has not answered within {Timeout.TotalSeconds:0} s.", e);
        }
        catch (RefusedTargetException e)
        {
            throw new DeliveryException(e.Message, e) { IsPermanent = true };
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not DeliveryException)
        {
            throw new DeliveryException($"The MQTT broker cannot be used: {(e.InnerException ?? e).Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>Connects to the addresses that were checked, and not to the name, which may have others by then.</summary>
    private async Task<IMqttClient> ConnectAsync(Uri url, ContactValues values, CancellationToken cancellationToken)
    {
        var port = url.Port > 0 ? url.Port : url.Scheme == Tls ? TlsPort : PlainPort;
        Exception? failure = null;
        foreach (var address in await TargetGuard.ResolveAsync(url.DnsSafeHost, cancellationToken))
        {
            var client = new MqttClientFactory().CreateMqttClient();
            try
            {
                var accepted = await client.ConnectAsync(OptionsOf(url, new(address, port), values), cancellationToken);
                return accepted.ResultCode == MqttClientConnectResultCode.Success
                    ? client
                    : throw new DeliveryException($"The MQTT broker refuses the connection: {accepted.ResultCode}.");
            }
            catch (Exception e)
            {
                client.Dispose();
                cancellationToken.ThrowIfCancellationRequested();
                if (e is DeliveryException)
                {
                    throw;
                }

                failure = e;
            }
        }

        throw failure ?? new SocketException((int)SocketError.HostNotFound);
    }

    private MqttClientOptions OptionsOf(Uri url, IPEndPoint target, ContactValues values) => new()
    {
        ChannelOptions = new MqttClientTcpOptions
        {
            RemoteEndpoint = target,

            // MQTTnet resets connections by default.
            LingerState = new LingerOption(false, 0),
            TlsOptions = new MqttClientTlsOptions
            {
                UseTls = url.Scheme == Tls,
                TargetHost = url.DnsSafeHost,
                RevocationMode = X509RevocationMode.NoCheck,
                CertificateValidationHandler = trust,
            },
        },
        ClientId = $"grainsensors{Guid.NewGuid():N}"[..23], // longer ones are optional for brokers
        CleanSession = true,
        Timeout = Timeout,
        ProtocolVersion = values.Find("protocol") == Version3 ? MqttProtocolVersion.V311 : MqttProtocolVersion.V500,
        Credentials = values.Find("user") is { } user
            ? new MqttClientCredentials(user, values.Find("password") is { } password ? Encoding.UTF8.GetBytes(password) : null)
            : null,
    };

    private static async Task PublishAsync(
        IMqttClient client, ContactValues values, Notification notification, CancellationToken cancellationToken)
    {
        var message = new MqttApplicationMessageBuilder()
            .WithTopic(MqttTopic.Of(values.Get("topic"), notification.Notice))
            .WithPayload(notification.Notice.ToJson(notification.Key))
            .WithRetainFlag(values.Find("retain") == True)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        var result = await client.PublishAsync(message, cancellationToken);
        if (!result.IsSuccess)
        {
            throw new DeliveryException($"The MQTT broker refuses the message: {result.ReasonCode}.")
            {
                IsPermanent = result.ReasonCode
                    is MqttClientPublishReasonCode.TopicNameInvalid or MqttClientPublishReasonCode.PayloadFormatInvalid,
            };
        }
    }

    private static bool IsBroker(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url.Scheme is "mqtt" or Tls && url.Host.Length > 0 && url.UserInfo.Length == 0
        && url.PathAndQuery is "" or "/" && url.Fragment.Length == 0;
}
