using Confluent.Kafka;
using GrainSensors.Ingest.Kafka.Native;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Kafka;

/// <summary>Creates the Kafka clients of the pipeline.</summary>
internal sealed partial class KafkaClients
{
    private const string ClientId = "grainsensors";

    /// <summary>
    /// Timeout of a transaction whose process has died. The client requires that it exceeds the timeout of a request, 12 s.
    /// </summary>
    private static readonly TimeSpan TransactionTimeout = TimeSpan.FromSeconds(15);

    /// <summary>The client's default.</summary>
    private static readonly TimeSpan MaxPollInterval = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan BatchLinger = TimeSpan.FromMilliseconds(5);

    /// <summary>Bytes of payloads that a client holds; its default is 1 GiB.</summary>
    private const int PayloadQueueBytes = 128 * 1024 * 1024;

    /// <summary>
    /// A payload is not sent later than this; the client's default is 5 minutes. A failover within it makes no duplicate, as the client
    /// itself repeats requests.
    /// </summary>
    private static readonly TimeSpan PayloadTimeout = TimeSpan.FromMinutes(1);

    private readonly KafkaOptions _options;
    private readonly ILogger<KafkaClients> _logger;
    private readonly KafkaClientFactory _factory;

    public KafkaClients(KafkaOptions options, ILogger<KafkaClients> logger)
    {
        (_options, _logger) = (options, logger);
        _factory = new(
            options, ClientId, (facility, message) => LogClient(logger, facility, message), reason => LogError(logger, reason),
            TimeProvider.System);
    }

    public KafkaOptions Options => _options;

    /// <returns>The clients with another topic in place of that of the readings.</returns>
    public KafkaClients Of(string topic) => new(_options.With(kafka => kafka.Topic = topic), _logger);

    /// <summary>
    /// A member of the group. The client commits in the background what
    /// <see cref="IConsumer{TKey, TValue}.StoreOffset(TopicPartitionOffset)"/> has stored.
    /// </summary>
    /// <param name="addHandlers">Adds the handlers of statistics and rebalances.</param>
    public IConsumer<Ignore, Ignore> GroupConsumer(Action<ConsumerBuilder<Ignore, Ignore>> addHandlers)
    {
        var builder = _factory.Consumer<Ignore, Ignore>(new ConsumerConfig
        {
            GroupId = _options.GroupId,
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            SessionTimeoutMs = (int)_options.SessionTimeout.TotalMilliseconds,

            // The client rejects a value below the session timeout. Polling continues regardless of the partition loops.
            MaxPollIntervalMs = (int)Math.Max(MaxPollInterval.TotalMilliseconds, _options.SessionTimeout.TotalMilliseconds),
            HeartbeatIntervalMs = Math.Max(100, (int)_options.SessionTimeout.TotalMilliseconds / 5),
            EnableAutoCommit = true,
            AutoCommitIntervalMs = 200,
            EnableAutoOffsetStore = false,
            EnablePartitionEof = true,

            // The start position logs readings that retention has deleted unread.
            AutoOffsetReset = AutoOffsetReset.Error,

            // The defaults starve a consumer that is faster than the network: after a full fetch queue it waits 1 s.
            FetchQueueBackoffMs = 1,
            QueuedMinMessages = 50_000,
            StatisticsIntervalMs = 500,

            // Kafka answers as soon as it has a message. The embedded broker does not, and scans its whole log for each request.
            FetchWaitMaxMs = 100,
        });
        addHandlers(builder);
        return Build(builder.Build);
    }

    /// <summary>Queries offsets of the group without membership.</summary>
    public IConsumer<Ignore, Ignore> OffsetReader() => Build(_factory.Consumer<Ignore, Ignore>(
        new ConsumerConfig
        {
            GroupId = _options.GroupId,
            EnableAutoCommit = false,

            // Single messages are read, each for its epoch.
            EnablePartitionEof = true,
            AutoOffsetReset = AutoOffsetReset.Error,
            FetchWaitMaxMs = 10,
            MaxPartitionFetchBytes = 16 * 1024,
            ConsumeResultFields = "none",
        },
        logErrors: false).Build);

    /// <summary>Reads committed messages of assigned partitions and reports the end of each partition.</summary>
    public IConsumer<byte[]?, byte[]?> DeadLetterReader() => Build(_factory.Consumer<byte[]?, byte[]?>(
        new ConsumerConfig
        {
            // The client requires a group, but the consumer neither joins nor commits.
            GroupId = $"{_options.GroupId}-dlq",
            EnableAutoCommit = false,
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnablePartitionEof = true,

            // Retention may have deleted messages in the meantime.
            AutoOffsetReset = AutoOffsetReset.Earliest,
            FetchWaitMaxMs = 10,
            ConsumeResultFields = "headers,timestamp",
        },
        logErrors: false).Build);

    /// <summary>Reads assigned partitions at full speed, outside of the group.</summary>
    /// <param name="fields">The fields of a result that are filled.</param>
    public ConsumerBuilder<TKey, T> RangeReader<TKey, T>(string fields) => _factory.Consumer<TKey, T>(
        new ConsumerConfig
        {
            // The client requires a group, but the consumer neither joins nor commits.
            GroupId = $"{_options.GroupId}-reconcile",
            EnableAutoCommit = false,
            EnablePartitionEof = true,

            // The caller must know which offsets retention has deleted, and where it continues.
            AutoOffsetReset = AutoOffsetReset.Error,
            FetchQueueBackoffMs = 1,
            QueuedMinMessages = 50_000,
            FetchWaitMaxMs = 10,
            ConsumeResultFields = fields,
        },
        logErrors: false);

    /// <summary>Reads the sensor log, with or without membership in a group. Stored offsets are committed in the background.</summary>
    public IConsumer<Ignore, byte[]?> LogReader(string groupId) => Build(_factory.Consumer<Ignore, byte[]?>(
        new ConsumerConfig
        {
            GroupId = groupId,
            EnableAutoOffsetStore = false,
            AutoCommitIntervalMs = 1000,
            EnablePartitionEof = true,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            FetchWaitMaxMs = 100,

            // The client's default holds 64 MiB for each reader.
            QueuedMaxMessagesKbytes = 1024,
            FetchQueueBackoffMs = 5,
            ConsumeResultFields = "timestamp",
        },
        logErrors: false).Build);

    /// <summary>Produces batches, each of which is waited for as a whole.</summary>
    /// <param name="transactionalId">Null: without transactions.</param>
    public IProducer<byte[]?, byte[]?> BatchProducer(string? transactionalId)
    {
        var config = KafkaClientFactory.ProducerConfig(BatchLinger);
        config.MessageTimeoutMs = (int)TransactionTimeout.TotalMilliseconds;
        if (transactionalId is not null)
        {
            config.TransactionalId = transactionalId;
            config.TransactionTimeoutMs = (int)TransactionTimeout.TotalMilliseconds;
        }

        return Build(_factory.Producer<byte[]?, byte[]?>(config).Build);
    }

    /// <param name="linger">How long a message waits for others to share a batch.</param>
    public IProducer<byte[]?, byte[]?> Producer(TimeSpan linger) =>
        Build(_factory.Producer<byte[]?, byte[]?>(KafkaClientFactory.ProducerConfig(linger)).Build);

    /// <summary>Produces payloads of devices, which wait for Kafka in a bounded queue and for a bounded time.</summary>
    /// <param name="linger">How long a message waits for others to share a batch.</param>
    public IProducer<byte[]?, byte[]?> PayloadProducer(TimeSpan linger)
    {
        var config = KafkaClientFactory.ProducerConfig(linger);
        config.QueueBufferingMaxKbytes = PayloadQueueBytes / 1024;
        config.MessageTimeoutMs = (int)PayloadTimeout.TotalMilliseconds;
        return Build(_factory.Producer<byte[]?, byte[]?>(config).Build);
    }

    /// <summary>Produces many messages to one topic.</summary>
    /// <param name="linger">How long a message waits for others to share a batch.</param>
    public BulkProducer BulkProducer(string topic, TimeSpan linger, IBulkReports reports) =>
        Build(() => new BulkProducer(Configure(KafkaClientFactory.ProducerConfig(linger)), topic, reports));

    public IAdminClient Admin() => Build(_factory.Admin(logErrors: false).Build);

    /// <summary>Adds the properties of the connection to the configuration of a client.</summary>
    public TConfig Configure<TConfig>(TConfig config)
        where TConfig : ClientConfig => _factory.Configure(config);

    public void Log(string facility, string message) => _factory.Log(facility, message);

    public void Log(Error error) => _factory.Log(error);

    /// <summary>Builds a client. The client checks the names, the values and the combination of its properties.</summary>
    private T Build<T>(Func<T> build)
    {
        try
        {
            return build();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw KafkaUnavailableException.OfConfiguration(_options, e);
        }
    }

    [LoggerMessage(1200, LogLevel.Debug, "Kafka client, {Facility}: {Message}")]
    private static partial void LogClient(ILogger logger, string facility, string message);

    [LoggerMessage(1201, LogLevel.Warning, "Kafka client: {Reason}")]
    private static partial void LogError(ILogger logger, string reason);
}
