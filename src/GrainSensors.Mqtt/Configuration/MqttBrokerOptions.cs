namespace GrainSensors.Mqtt.Configuration;

/// <summary>An MQTT broker, the messages that are taken from it, and the Kafka topic that gets them.</summary>
public sealed record MqttBrokerOptions
{
    /// <summary>The topic of Kafka that gets messages of MQTT without another one.</summary>
    public const string DefaultKafkaTopic = "mqtt-data";

    private const int PlainPort = 1883;
    private const int TlsPort = 8883;

    /// <summary>Name of the broker in the database, in metrics and in client ids: letters, digits, dots, dashes and underscores.</summary>
    public string Name { get; init; } = "mqtt";

    /// <summary>Host name or address.</summary>
    public string Host { get; init; } = "";

    /// <summary>Port; without it, 1883, with TLS 8883.</summary>
    public int? Port { get; init; }

    /// <summary>Version of MQTT.</summary>
    public MqttProtocol Protocol { get; init; }

    /// <summary>Topic filters; at least one.</summary>
    public IReadOnlyList<MqttTopicOptions> Topics { get; init; } = [];

    /// <summary>Topic of Kafka that gets the messages.</summary>
    public string KafkaTopic { get; init; } = DefaultKafkaTopic;

    /// <summary>User name.</summary>
    public string? User { get; init; }

    /// <summary>Password of the user.</summary>
    [Redact]
    public string? Password { get; init; }

    /// <summary>Whether connections use TLS.</summary>
    public bool Tls { get; init; }

    /// <summary>PEM file of the certificate authorities that are trusted instead of those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>PEM file of the certificate that authenticates the silo to the broker.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM file of the certificate's private key; without it, the certificate's file holds the key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Beginning of client ids, and the name of the shared subscription.</summary>
    public string ClientIdPrefix { get; init; } = "grainsensors";

    /// <summary>
    /// Persistent sessions. One silo has a single session, which keeps the order of the messages. More of them make a shared
    /// subscription, which the silos share; MQTT 3.1.1 has none.
    /// </summary>
    public int Sessions { get; init; } = 1;

    /// <summary>Messages that the broker sends on a connection before the first of them is acknowledged (MQTT 5).</summary>
    public int ReceiveMaximum { get; init; } = 1000;

    /// <summary>How long the broker keeps a session without a connection (MQTT 5).</summary>
    public TimeSpan SessionExpiry { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Whether messages that the broker retains are taken when a session begins.</summary>
    public bool Retained { get; init; } = true;

    /// <summary>What the broker is told of alerts.</summary>
    public MqttAlertOptions Alerts { get; init; } = new();

    internal int PortNumber => Port ?? (Tls ? TlsPort : PlainPort);

    /// <summary>Whether the silos subscribe together. One session needs no shared subscription, which not every broker has.</summary>
    internal bool IsShared => Sessions > 1;

    /// <summary>The broker in messages.</summary>
    public string Description => $"{Name} ({Host}:{PortNumber})";

    internal string ClientId(int slot) => $"{ClientIdPrefix}-{Name}-{slot}";

    /// <returns>The subscription of a filter.</returns>
    internal string Subscription(MqttTopicOptions topic) =>
        IsShared ? $"$share/{ClientIdPrefix}/{topic.Filter}" : topic.Filter;

    /// <returns>A text without secrets.</returns>
    public override string ToString() => Description;
}
