using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Orleans.Streaming.Kafka.Internals.Clients;

/// <summary>Makes the Kafka clients of a provider, with the settings that it depends on.</summary>
internal sealed partial class KafkaClients
{
    private const string Mask = "[redacted]";
    private static readonly string[] SecretNames = ["password", "secret", "key.pem", "oauthbearer.config"];
    private static readonly TimeSpan LongestReconnectWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RepeatInterval = TimeSpan.FromSeconds(30);

    private readonly ILogger _logger;
    private readonly TimeProvider _clock;

    /// <summary>While a broker is out, each client tells of every attempt to connect.</summary>
    private readonly ConcurrentDictionary<Confluent.Kafka.ErrorCode, long> _logged = new();

    static KafkaClients() => NativeLibraryChoice.Ensure();

    /// <param name="provider">The name of the stream provider.</param>
    /// <param name="serviceId">Of the cluster.</param>
    public KafkaClients(KafkaStreamOptions options, string provider, string serviceId, TimeProvider clock, ILogger logger)
    {
        Options = options;
        Provider = provider;
        Group = options.ConsumerGroup ?? $"{serviceId}-{provider}";
        DeadLetterTopic = options.DeadLetterTopic ?? $"{DefaultTopic(provider)}-dlq";
        Topics = options.Topics.Count > 0 ? [.. options.Topics] : [new() { Name = DefaultTopic(provider) }];
        _clock = clock;
        _logger = logger;
    }

    public KafkaStreamOptions Options { get; }

    public string Provider { get; }

    public string Group { get; }

    public string DeadLetterTopic { get; }

    public IReadOnlyList<KafkaTopicOptions> Topics { get; }

    /// <summary>Reads partitions that it is assigned; what is stored with StoreOffset is committed in the background.</summary>
    public ConsumerBuilder<byte[]?, byte[]?> Reader() => Consumer(new ConsumerConfig
    {
        GroupId = Group,
        EnableAutoCommit = true,
        AutoCommitIntervalMs = (int)Options.CheckpointInterval.TotalMilliseconds,
        EnableAutoOffsetStore = false,

        // Said loudly by the receiver, which sees the gap.
        AutoOffsetReset = AutoOffsetReset.Earliest,
        QueuedMinMessages = 20_000,
    });

    /// <summary>Reads a partition once more, up to its end.</summary>
    public IConsumer<byte[]?, byte[]?> Rereader() => Consumer(new ConsumerConfig
    {
        GroupId = Group,
        EnableAutoCommit = false,
        EnablePartitionEof = true,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        QueuedMinMessages = 5_000,
    }).Build();

    /// <summary>Asks where partitions stand. One for each question: a kept one can be stuck after an outage.</summary>
    public IConsumer<Ignore, Ignore> OffsetReader() =>
        new ConsumerBuilder<Ignore, Ignore>(Apply(new ConsumerConfig { GroupId = Group, EnableAutoCommit = false }))
            .SetLogHandler((_, message) => Log(message)).SetErrorHandler(static (_, _) => { }).Build();

    public IProducer<byte[]?, byte[]> Producer() => new ProducerBuilder<byte[]?, byte[]>(Apply(new ProducerConfig
    {
        EnableIdempotence = true,
        LingerMs = Options.Linger.TotalMilliseconds,
        MessageTimeoutMs = (int)Options.SendTimeout.TotalMilliseconds,
        MessageMaxBytes = Math.Max(Options.MaxMessageBytes, 1_000_000),
        CompressionType = CompressionType.Lz4,

        // That of the Java clients.
        Partitioner = Confluent.Kafka.Partitioner.Murmur2Random,
        BatchSize = 1024 * 1024,
        DeliveryReportFields = "status",
    })).SetLogHandler((_, message) => Log(message)).SetErrorHandler((_, error) => Log(error)).Build();

    public IAdminClient Admin() =>
        new AdminClientBuilder(Apply(new AdminClientConfig())).SetLogHandler((_, message) => Log(message)).SetErrorHandler((_, error) => Log(error)).Build();

    /// <summary>librdkafka hides most secrets by itself, but quotes what it does not understand.</summary>
    public string Redact(string text)
    {
        foreach (var secret in Options.Client.Where(property => Array.Exists(SecretNames, property.Key.Contains)).Select(property => property.Value)
            .Append(Options.SaslPassword).Where(secret => !string.IsNullOrEmpty(secret)))
        {
            text = text.Replace(secret!, Mask, StringComparison.Ordinal);
        }

        return text;
    }

    private static string DefaultTopic(string provider) =>
        "orleans-" + string.Concat(provider.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-'));

    private ConsumerBuilder<byte[]?, byte[]?> Consumer(ConsumerConfig config)
    {
        // The default of a second starves a consumer whose queue was full.
        config.FetchQueueBackoffMs = 1;

        // Kafka answers as soon as there is something; brokers that do not are asked again soon.
        config.FetchWaitMaxMs = 100;
        config.ConsumeResultFields = "headers,topic";
        return new ConsumerBuilder<byte[]?, byte[]?>(Apply(config)).SetLogHandler((_, message) => Log(message)).SetErrorHandler((_, error) => Log(error));
    }

    private TConfig Apply<TConfig>(TConfig config)
        where TConfig : ClientConfig
    {
        config.BootstrapServers = Options.BootstrapServers;
        config.ClientId = $"orleans-{Provider}";
        config.ReconnectBackoffMaxMs = (int)LongestReconnectWait.TotalMilliseconds;
        SetGiven(config, "security.protocol", Options.SecurityProtocol?.ToLowerInvariant());
        SetGiven(config, "sasl.mechanism", Options.SaslMechanism?.ToUpperInvariant());
        SetGiven(config, "sasl.username", Options.SaslUsername);
        SetGiven(config, "sasl.password", Options.SaslPassword);
        SetGiven(config, "ssl.ca.location", Options.CaLocation);
        foreach (var (name, value) in Options.Client)
        {
            config.Set(name, value);
        }

        Options.ConfigureClient?.Invoke(config);
        return config;
    }

    private static void SetGiven(ClientConfig config, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            config.Set(name, value);
        }
    }

    private void Log(LogMessage message) => LogClient(_logger, message.Facility, Redact(message.Message));

    private void Log(Error error)
    {
        var now = _clock.GetTimestamp();
        if (_logged.TryAdd(error.Code, now)
            || (_logged[error.Code] is var last && _clock.GetElapsedTime(last, now) >= RepeatInterval && _logged.TryUpdate(error.Code, now, last)))
        {
            LogError(_logger, Provider, Redact(error.Reason));
        }
    }

    [LoggerMessage(6011, LogLevel.Debug, "Kafka client, {Facility}: {Message}")]
    private static partial void LogClient(ILogger logger, string facility, string message);

    [LoggerMessage(6012, LogLevel.Warning, "Kafka client of the stream provider \"{Provider}\": {Reason}")]
    private static partial void LogError(ILogger logger, string provider, string reason);
}
