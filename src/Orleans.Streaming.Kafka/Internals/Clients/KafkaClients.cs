using System.Diagnostics.Metrics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Internals.Observability;

namespace Orleans.Streaming.Kafka.Internals.Clients;

/// <summary>Creates the Kafka clients of a stream provider.</summary>
internal sealed partial class KafkaClients
{
    private readonly KafkaClientFactory _factory;

    /// <param name="provider">The name of the stream provider.</param>
    /// <param name="serviceId">The service id of the cluster.</param>
    /// <param name="meters">Creates the meter of the provider; null outside of a host.</param>
    public KafkaClients(
        KafkaStreamOptions options, string provider, string serviceId, TimeProvider clock, ILogger logger, IMeterFactory? meters = null)
    {
        Options = options;
        Provider = provider;
        Group = options.ConsumerGroup ?? $"{serviceId}-{provider}";
        Metrics = new(provider, Group, meters);
        Topics = options.Topics.Count > 0 ? [.. options.Topics] : [new() { Name = DefaultTopic(provider) }];
        _factory = new(
            options, $"orleans-{provider}", (facility, message) => LogClient(logger, facility, message),
            reason => LogError(logger, provider, reason), clock, options.ConfigureClient);
    }

    public KafkaStreamOptions Options { get; }

    public string Provider { get; }

    public string Group { get; }

    public StreamMetrics Metrics { get; }

    /// <summary>The topics of dead letters that the topics with streams need.</summary>
    public IEnumerable<string> DeadLetterTopics => Topics
        .Where(topic => !topic.ProduceOnly && FailurePolicyOf(topic) == KafkaFailurePolicy.DeadLetter)
        .Select(DeadLetterTopicOf).Distinct();

    /// <summary>The topics of the options, by name or by regular expression.</summary>
    public IReadOnlyList<KafkaTopicOptions> Topics { get; }

    /// <summary>Reads assigned partitions and commits offsets in the background, after StoreOffset has stored them.</summary>
    public ConsumerBuilder<byte[]?, byte[]?> Reader() => Consumer(new ConsumerConfig
    {
        GroupId = Group,
        EnableAutoCommit = true,
        AutoCommitIntervalMs = (int)Options.CheckpointInterval.TotalMilliseconds,
        EnableAutoOffsetStore = false,

        // The reader decides what follows when Kafka has deleted messages.
        AutoOffsetReset = AutoOffsetReset.Error,
        QueuedMinMessages = 20_000,
    });

    /// <summary>Reads a partition again, up to its end.</summary>
    public IConsumer<byte[]?, byte[]?> Rereader() => Consumer(new ConsumerConfig
    {
        GroupId = Group,
        EnableAutoCommit = false,
        EnablePartitionEof = true,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        QueuedMinMessages = 5_000,
    }).Build();

    /// <summary>Queries and commits offsets. Each query needs a new one, because an older client may hang after an outage.</summary>
    public IConsumer<Ignore, Ignore> OffsetReader() => _factory.Consumer<Ignore, Ignore>(
        new ConsumerConfig { GroupId = Group, EnableAutoCommit = false }, logErrors: false).Build();

    public KafkaFailurePolicy FailurePolicyOf(KafkaTopicOptions topic) => topic.FailurePolicy ?? Options.FailurePolicy;

    /// <returns>The options of a topic that the provider has; null for any other topic.</returns>
    public KafkaTopicOptions? OptionsOf(string topic) => Topics.FirstOrDefault(candidate => candidate.Name == topic)
        ?? (topic.StartsWith("__", StringComparison.Ordinal) || Topics.Any(candidate => DeadLetterTopicOf(candidate) == topic)
            ? null
            : Topics.Select(candidate => candidate.Match(topic)).FirstOrDefault(match => match is not null));

    /// <param name="topic">A topic with streams.</param>
    public string DeadLetterTopicOf(KafkaTopicOptions? topic) =>
        topic?.DeadLetterTopic ?? Options.DeadLetterTopic ?? $"{DefaultTopic(Provider)}-dlq";

    public IProducer<byte[]?, byte[]?> Producer()
    {
        var config = KafkaClientFactory.ProducerConfig(Options.Linger);
        config.MessageTimeoutMs = (int)Options.SendTimeout.TotalMilliseconds;
        config.MessageMaxBytes = Math.Max(Options.MaxMessageBytes, 1_000_000);
        return _factory.Producer<byte[]?, byte[]?>(config).Build();
    }

    public IAdminClient Admin() => _factory.Admin().Build();

    public string Redact(string text) => _factory.Redact(text);

    private static string DefaultTopic(string provider) =>
        "orleans-" + string.Concat(provider.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-'));

    private ConsumerBuilder<byte[]?, byte[]?> Consumer(ConsumerConfig config)
    {
        // The default of 1 s starves a consumer whose queue was full.
        config.FetchQueueBackoffMs = 1;

        // Kafka answers as soon as it has a message. Other brokers do not, so the client asks them again soon.
        config.FetchWaitMaxMs = 100;
        config.ConsumeResultFields = "headers,topic,timestamp";
        return _factory.Consumer<byte[]?, byte[]?>(config);
    }

    [LoggerMessage(6011, LogLevel.Debug, "Kafka client, {Facility}: {Message}")]
    private static partial void LogClient(ILogger logger, string facility, string message);

    [LoggerMessage(6012, LogLevel.Warning, "Kafka client of the stream provider \"{Provider}\": {Reason}")]
    private static partial void LogError(ILogger logger, string provider, string reason);
}
