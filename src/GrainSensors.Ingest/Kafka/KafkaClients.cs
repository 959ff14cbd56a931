using Confluent.Kafka;
using GrainSensors.Ingest.Kafka.Native;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.Kafka;

/// <summary>Makes Kafka clients with the settings that the pipeline depends on.</summary>
internal sealed partial class KafkaClients
{
    /// <summary>After so long a transaction of a process that died is at an end by itself. The client wants it to be longer than it waits for an answer.</summary>
    private static readonly TimeSpan TransactionTimeout = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan LongestReconnectWait = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(5);

    /// <summary>The client's default.</summary>
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan RequeueLinger = TimeSpan.FromMilliseconds(5);

    private readonly KafkaOptions _options;
    private readonly KafkaSecrets _secrets;
    private readonly RepeatedErrors _errors = new(TimeProvider.System);
    private readonly ILogger _logger;

    static KafkaClients() => KafkaLibrary.Load();

    public KafkaClients(KafkaOptions options, ILogger<KafkaClients> logger)
    {
        _options = options;
        _secrets = new(options);
        _logger = logger;
    }

    public KafkaOptions Options => _options;

    /// <summary>Takes part in the group; what is stored with <see cref="IConsumer{TKey, TValue}.StoreOffset(TopicPartitionOffset)"/> is committed in the background.</summary>
    /// <param name="listen">Sets the handlers of what befalls the member.</param>
    public IConsumer<Ignore, Ignore> GroupConsumer(Action<ConsumerBuilder<Ignore, Ignore>> listen) => Make(new ConsumerBuilder<Ignore, Ignore>(Apply(new ConsumerConfig
    {
        GroupId = _options.GroupId,
        PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
        SessionTimeoutMs = (int)_options.SessionTimeout.TotalMilliseconds,

        // Not below the session, which the client refuses; polling goes on whatever the loops do.
        MaxPollIntervalMs = (int)Math.Max(LongestPoll.TotalMilliseconds, _options.SessionTimeout.TotalMilliseconds),
        HeartbeatIntervalMs = Math.Max(100, (int)_options.SessionTimeout.TotalMilliseconds / 5),
        EnableAutoCommit = true,
        AutoCommitIntervalMs = 200,
        EnableAutoOffsetStore = false,
        EnablePartitionEof = true,

        // Where readings are missing that were never read, somebody has to say so.
        AutoOffsetReset = AutoOffsetReset.Error,

        // The defaults starve a consumer that is faster than the network: a fetch queue that was full backs off for a second.
        FetchQueueBackoffMs = 1,
        QueuedMinMessages = 50_000,
        StatisticsIntervalMs = 500,

        // Kafka answers as soon as there is something. The embedded broker does not, and looks through its whole log each time.
        FetchWaitMaxMs = 100,
    })).SetErrorHandler((_, error) => Log(error)), listen);

    /// <summary>Asks about offsets of the group without taking part in it.</summary>
    public IConsumer<Ignore, Ignore> OffsetReader() => Make(new ConsumerBuilder<Ignore, Ignore>(Apply(new ConsumerConfig
    {
        GroupId = _options.GroupId,
        EnableAutoCommit = false,
    })).SetErrorHandler(static (_, _) => { }));

    /// <summary>Reads a topic from offsets that it is assigned, only what is committed, and says where each partition ends.</summary>
    public IConsumer<Ignore, byte[]?> LetterReader() => Make(new ConsumerBuilder<Ignore, byte[]?>(Apply(new ConsumerConfig
    {
        // Wanted by the client, but nothing joins or commits.
        GroupId = $"{_options.GroupId}-dlq",
        EnableAutoCommit = false,
        IsolationLevel = IsolationLevel.ReadCommitted,
        EnablePartitionEof = true,

        // What retention has taken away meanwhile is no error.
        AutoOffsetReset = AutoOffsetReset.Earliest,
        FetchWaitMaxMs = 10,
        ConsumeResultFields = "headers,timestamp",
    })).SetErrorHandler(static (_, _) => { }));

    /// <summary>Reads a log from offsets that it is assigned, beside the group and as fast as it goes.</summary>
    /// <param name="fields">Which fields of a result are filled.</param>
    public ConsumerBuilder<Ignore, T> RangeReader<T>(string fields) => new ConsumerBuilder<Ignore, T>(Apply(new ConsumerConfig
    {
        // Wanted by the client, but nothing joins or commits.
        GroupId = $"{_options.GroupId}-reconcile",
        EnableAutoCommit = false,
        EnablePartitionEof = true,

        // Whoever reads has to know what retention has taken away meanwhile, and goes on where it will be faster than that.
        AutoOffsetReset = AutoOffsetReset.Error,
        FetchQueueBackoffMs = 1,
        QueuedMinMessages = 50_000,
        FetchWaitMaxMs = 10,
        ConsumeResultFields = fields,
    })).SetLogHandler((_, message) => Log(message)).SetErrorHandler(static (_, _) => { });

    /// <summary>Reads the log topic, by itself or as one of a group; what is stored is committed in the background.</summary>
    public IConsumer<Ignore, byte[]?> LogReader(string groupId) => Make(new ConsumerBuilder<Ignore, byte[]?>(Apply(new ConsumerConfig
    {
        GroupId = groupId,
        EnableAutoOffsetStore = false,
        AutoCommitIntervalMs = 1000,
        EnablePartitionEof = true,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        FetchWaitMaxMs = 100,
        ConsumeResultFields = "timestamp",
    })).SetErrorHandler(static (_, _) => { }));

    /// <summary>Puts letters back.</summary>
    /// <param name="transactionalId">Null: without transactions.</param>
    public IProducer<byte[]?, byte[]?> Requeuer(string? transactionalId)
    {
        var config = ProducerConfig(RequeueLinger);
        config.MessageTimeoutMs = (int)TransactionTimeout.TotalMilliseconds;
        if (transactionalId is not null)
        {
            config.TransactionalId = transactionalId;
            config.TransactionTimeoutMs = (int)TransactionTimeout.TotalMilliseconds;
        }

        return Make(config);
    }

    /// <param name="linger">How long a message waits for others to share a batch.</param>
    public IProducer<byte[]?, byte[]?> Producer(TimeSpan linger) => Make(ProducerConfig(linger));

    /// <summary>Produces to the topic of readings, many at once.</summary>
    /// <param name="linger">How long a message waits for others to share a batch.</param>
    public BulkProducer BulkProducer(TimeSpan linger, IBulkReports reports) => Checked(() => new BulkProducer(Apply(ProducerConfig(linger)), _options.Topic, reports));

    public IAdminClient Admin() => Checked(
        new AdminClientBuilder(Apply(new AdminClientConfig())).SetLogHandler((_, message) => Log(message)).SetErrorHandler(static (_, _) => { }).Build);

    private static ProducerConfig ProducerConfig(TimeSpan linger) => new()
    {
        EnableIdempotence = true,
        LingerMs = linger.TotalMilliseconds,
        CompressionType = CompressionType.Lz4,

        // The one of the Java clients, so that a key has the same partition whoever produces it.
        Partitioner = Partitioner.Murmur2Random,
        DeliveryReportFields = "status",
        BatchSize = 1024 * 1024,
    };

    private IProducer<byte[]?, byte[]?> Make(ProducerConfig config) => Checked(
        new ProducerBuilder<byte[]?, byte[]?>(Apply(config)).SetLogHandler((_, message) => Log(message)).SetErrorHandler((_, error) => Log(error)).Build);

    private IConsumer<Ignore, T> Make<T>(ConsumerBuilder<Ignore, T> builder, Action<ConsumerBuilder<Ignore, T>>? listen = null)
    {
        builder.SetLogHandler((_, message) => Log(message));
        listen?.Invoke(builder);
        return Checked(builder.Build);
    }

    /// <summary>The client looks at its properties when it is made: at their names, their values, and whether they go together.</summary>
    private T Checked<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw KafkaUnavailableException.OfConfiguration(_options, e);
        }
    }

    /// <summary>What all clients of the process have in common.</summary>
    public TConfig Apply<TConfig>(TConfig config)
        where TConfig : ClientConfig
    {
        config.BootstrapServers = _options.BootstrapServers;
        config.ClientId = "grainsensors";

        // A broker that is back should not wait for up to 10 s, the default, until its clients try again.
        config.ReconnectBackoffMaxMs = (int)LongestReconnectWait.TotalMilliseconds;

        // Nor for up to 30 s where packets to it were lost: each further try of the system's to connect takes twice as long.
        config.SocketConnectionSetupTimeoutMs = (int)LongestConnect.TotalMilliseconds;

        // Nor for up to a minute, the default, where a connection has survived an outage and its answers have not.
        config.SocketTimeoutMs = (int)LongestAnswer.TotalMilliseconds;
        SetGiven(config, "security.protocol", _options.SecurityProtocol?.ToLowerInvariant());
        SetGiven(config, "sasl.mechanism", _options.SaslMechanism?.ToUpperInvariant());
        SetGiven(config, "sasl.username", _options.SaslUsername);
        SetGiven(config, "sasl.password", _options.SaslPassword);
        SetGiven(config, "ssl.ca.location", _options.CaLocation);
        foreach (var (name, value) in _options.Client)
        {
            config.Set(name, value);
        }

        return config;
    }

    private static void SetGiven(ClientConfig config, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            config.Set(name, value);
        }
    }

    public void Log(string facility, string message) => LogClient(_logger, facility, _secrets.Redact(message));

    private void Log(LogMessage message) => Log(message.Facility, message.Message);

    public void Log(Error error)
    {
        if (_errors.MustBeLogged(error))
        {
            LogError(_logger, _secrets.Redact(error.Reason));
        }
    }

    [LoggerMessage(1200, LogLevel.Debug, "Kafka client, {Facility}: {Message}")]
    private static partial void LogClient(ILogger logger, string facility, string message);

    [LoggerMessage(1201, LogLevel.Warning, "Kafka client: {Reason}")]
    private static partial void LogError(ILogger logger, string reason);
}
