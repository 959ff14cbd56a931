using Confluent.Kafka;

namespace Orleans.Configuration;

/// <summary>The Kafka cluster, the security of the connection and further client properties.</summary>
/// <remarks><see cref="KafkaConnectionOptionsValidator"/> checks the values.</remarks>
public class KafkaConnectionOptions
{
    /// <summary>Bootstrap servers, each as <c>host:port</c>, separated by commas.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary><c>plaintext</c>, <c>ssl</c>, <c>sasl_plaintext</c> or <c>sasl_ssl</c>; null means <c>plaintext</c>.</summary>
    public string? SecurityProtocol { get; set; }

    /// <summary><c>PLAIN</c>, <c>SCRAM-SHA-256</c>, <c>SCRAM-SHA-512</c>, <c>OAUTHBEARER</c> or <c>GSSAPI</c>.</summary>
    public string? SaslMechanism { get; set; }

    /// <summary>User name for <c>PLAIN</c> and <c>SCRAM</c>.</summary>
    public string? SaslUsername { get; set; }

    /// <summary>Password for <c>PLAIN</c> and <c>SCRAM</c>. Logs and exceptions never show it.</summary>
    [Redact]
    public string? SaslPassword { get; set; }

    /// <summary>PEM file or directory with the trusted certificate authorities; null means those of the system.</summary>
    public string? CaLocation { get; set; }

    /// <summary>Further client properties by librdkafka's names, such as <c>client.rack</c>. They override the options above.</summary>
    [Redact]
    public Dictionary<string, string> Client { get; } = [];

    /// <summary>
    /// Callback that gets a token for the mechanism <c>OAUTHBEARER</c>, at the start of each client and before the last token expires. A
    /// client's thread waits for it.
    /// </summary>
    [Redact]
    public Func<CancellationToken, Task<KafkaOAuthToken>>? OAuthToken { get; set; }

    /// <summary>Sets these options on the configuration of a client.</summary>
    /// <param name="config">The configuration of a consumer, a producer or an admin client.</param>
    public void Apply(ClientConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.BootstrapServers = BootstrapServers;
        SetGiven(config, "security.protocol", SecurityProtocol?.ToLowerInvariant());
        SetGiven(config, "sasl.mechanism", SaslMechanism?.ToUpperInvariant());
        SetGiven(config, "sasl.username", SaslUsername);
        SetGiven(config, "sasl.password", SaslPassword);
        SetGiven(config, "ssl.ca.location", CaLocation);
        foreach (var (name, value) in Client)
        {
            config.Set(name, value);
        }
    }

    private static void SetGiven(ClientConfig config, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            config.Set(name, value);
        }
    }
}
