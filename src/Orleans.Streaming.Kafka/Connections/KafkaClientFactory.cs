using Confluent.Kafka;
using Orleans.Configuration;

namespace Orleans.Streaming.Kafka;

/// <summary>
/// Creates the Kafka clients of a connection: with its security, with short timeouts after an outage, and with logs that contain
/// no secret and suppress repeated errors.
/// </summary>
public sealed class KafkaClientFactory
{
    /// <summary>Clients reconnect to a returned broker after 2 s at most; the default is 10 s.</summary>
    private static readonly TimeSpan MaxReconnectBackoff = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A connection attempt fails after 5 s; the default is 30 s. After lost packets the system doubles the wait before each further
    /// attempt.
    /// </summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A request fails after 12 s; the default is 60 s. A connection may survive an outage that its responses do not.</summary>
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(12);

    private readonly KafkaConnectionOptions _options;
    private readonly string _clientId;
    private readonly Action<string, string> _logMessage;
    private readonly Action<string> _logError;
    private readonly Action<ClientConfig>? _configure;
    private readonly KafkaSecrets _secrets;
    private readonly ErrorLogFilter _errors;

    static KafkaClientFactory() => KafkaNativeLibrary.Load();

    /// <summary>Creates a factory for the clients of a connection.</summary>
    /// <param name="options">The options of the connection.</param>
    /// <param name="clientId">The <c>client.id</c> of all clients.</param>
    /// <param name="logMessage">Logs a facility and a message of librdkafka, for debugging.</param>
    /// <param name="logError">Logs the reason of a client error.</param>
    /// <param name="clock">The clock of the error suppression.</param>
    /// <param name="configure">Makes the final changes to the configuration of each client; null means none.</param>
    public KafkaClientFactory(
        KafkaConnectionOptions options, string clientId, Action<string, string> logMessage, Action<string> logError, TimeProvider clock,
        Action<ClientConfig>? configure = null)
    {
        (_options, _clientId, _logMessage, _logError, _configure) = (options, clientId, logMessage, logError, configure);
        _secrets = new(options);
        _errors = new(clock);
    }

    /// <summary>Starts to build a consumer.</summary>
    /// <typeparam name="TKey">The type of keys.</typeparam>
    /// <typeparam name="TValue">The type of values.</typeparam>
    /// <param name="config">The configuration; the connection's properties are added.</param>
    /// <param name="logErrors">False if the caller reports the errors of its calls itself.</param>
    /// <returns>The builder with log handler and error handler.</returns>
    public ConsumerBuilder<TKey, TValue> Consumer<TKey, TValue>(ConsumerConfig config, bool logErrors = true)
    {
        var builder = new ConsumerBuilder<TKey, TValue>(Configure(config))
            .SetLogHandler((_, message) => Log(message.Facility, message.Message))
            .SetErrorHandler((_, error) => Log(error, logErrors));
        return _options.OAuthToken is null ? builder : builder.SetOAuthBearerTokenRefreshHandler((client, _) => RefreshToken(client));
    }

    /// <summary>Starts to build a producer.</summary>
    /// <typeparam name="TKey">The type of keys.</typeparam>
    /// <typeparam name="TValue">The type of values.</typeparam>
    /// <param name="config">The configuration; the connection's properties are added.</param>
    /// <returns>The builder with log handler and error handler.</returns>
    public ProducerBuilder<TKey, TValue> Producer<TKey, TValue>(ProducerConfig config)
    {
        var builder = new ProducerBuilder<TKey, TValue>(Configure(config))
            .SetLogHandler((_, message) => Log(message.Facility, message.Message))
            .SetErrorHandler((_, error) => Log(error));
        return _options.OAuthToken is null ? builder : builder.SetOAuthBearerTokenRefreshHandler((client, _) => RefreshToken(client));
    }

    /// <summary>Starts to build an admin client.</summary>
    /// <param name="logErrors">False if the caller reports the errors of its calls itself.</param>
    /// <returns>The builder with log handler and error handler.</returns>
    public AdminClientBuilder Admin(bool logErrors = true)
    {
        var builder = new AdminClientBuilder(Configure(new AdminClientConfig()))
            .SetLogHandler((_, message) => Log(message.Facility, message.Message))
            .SetErrorHandler((_, error) => Log(error, logErrors));
        return _options.OAuthToken is null ? builder : builder.SetOAuthBearerTokenRefreshHandler((client, _) => RefreshToken(client));
    }

    /// <summary>Configuration of an idempotent producer that chooses partitions by key as Kafka's Java clients do.</summary>
    /// <param name="linger">How long a message waits for others to share a batch.</param>
    /// <returns>The configuration without the connection's properties.</returns>
    public static ProducerConfig ProducerConfig(TimeSpan linger) => new()
    {
        EnableIdempotence = true,
        LingerMs = linger.TotalMilliseconds,
        CompressionType = CompressionType.Lz4,
        Partitioner = Partitioner.Murmur2Random,
        DeliveryReportFields = "status",
        BatchSize = 1024 * 1024,
    };

    /// <summary>Adds the properties of the connection to the configuration of a client.</summary>
    /// <typeparam name="TConfig">The type of the configuration.</typeparam>
    /// <param name="config">The configuration of a consumer, a producer or an admin client.</param>
    /// <returns>The same configuration.</returns>
    public TConfig Configure<TConfig>(TConfig config)
        where TConfig : ClientConfig
    {
        config.ClientId = _clientId;
        config.ReconnectBackoffMaxMs = (int)MaxReconnectBackoff.TotalMilliseconds;
        config.SocketConnectionSetupTimeoutMs = (int)ConnectTimeout.TotalMilliseconds;
        config.SocketTimeoutMs = (int)RequestTimeout.TotalMilliseconds;
        _options.Apply(config);
        _configure?.Invoke(config);
        return config;
    }

    /// <summary>Logs a message of librdkafka without its secrets.</summary>
    /// <param name="facility">The part of librdkafka.</param>
    /// <param name="message">The text of the message.</param>
    public void Log(string facility, string message) => _logMessage(facility, Redact(message));

    /// <summary>Logs an error of a client, at most once in 30 s for each error code.</summary>
    /// <param name="error">The error of the client.</param>
    public void Log(Error error)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (_errors.MustBeLogged(error))
        {
            _logError(Redact(error.Reason));
        }
    }

    /// <summary>Masks the secrets of the connection.</summary>
    /// <param name="text">The text of a message.</param>
    /// <returns>The text without secrets.</returns>
    public string Redact(string text) => _secrets.Redact(text);

    private void RefreshToken(IClient client)
    {
        try
        {
            // The token is needed before the client connects, and the client has no asynchronous handler.
            var token = Task.Run(() => _options.OAuthToken!(CancellationToken.None)).GetAwaiter().GetResult();
            client.OAuthBearerSetToken(token.Value, token.ExpiresAt.ToUnixTimeMilliseconds(), token.Principal, token.Extensions);
        }
        catch (Exception e)
        {
            client.OAuthBearerSetTokenFailure(e.Message);
        }
    }

    private void Log(Error error, bool isWanted)
    {
        if (isWanted)
        {
            Log(error);
        }
    }
}
