using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Ingest.Kafka;

/// <summary>Prepares Kafka before a command starts.</summary>
public static class KafkaPreparation
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>All brokers report a new topic within about a second.</summary>
    private static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Checks that Kafka answers, and creates the missing topics with the settings of the options. If Kafka refuses to create topics,
    /// the existing ones are used.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <param name="others">Further topics.</param>
    /// <param name="logger">Logs missing topics that the pipeline can do without for now.</param>
    /// <exception cref="KafkaUnavailableException">
    /// Kafka does not answer, the topic of readings is missing and cannot be created, or Kafka refuses the options.
    /// </exception>
    public static Task EnsureTopicsAsync(KafkaOptions options, IReadOnlyList<string> others, ILogger? logger = null) =>
        KafkaUnavailableException.GuardAsync(options, () => CreateTopicsAsync(options, others, logger ?? NullLogger.Instance));

    /// <inheritdoc cref="EnsureTopicsAsync(KafkaOptions, IReadOnlyList{string}, ILogger)"/>
    public static Task EnsureTopicsAsync(KafkaOptions options, ILogger? logger = null) => EnsureTopicsAsync(options, [], logger);

    /// <summary>Commits the current end of the topic for the group, so that it skips the existing readings of others.</summary>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer.</exception>
    public static Task BeginAtEndAsync(KafkaOptions options) => KafkaUnavailableException.GuardAsync(options, () => Task.Run(() =>
    {
        var clients = new KafkaClients(options, NullLogger<KafkaClients>.Instance);
        using var admin = clients.Admin();
        using var reader = clients.OffsetReader();
        var topic = admin.GetMetadata(options.Topic, Timeout).Topics[0];
        var partitions = topic.Partitions.Select(partition => new TopicPartition(options.Topic, partition.PartitionId));
        reader.Commit([.. partitions.Select(at => new TopicPartitionOffset(at, reader.QueryWatermarkOffsets(at, Timeout).High))]);
    }));

    private static async Task CreateTopicsAsync(KafkaOptions options, IReadOnlyList<string> others, ILogger logger)
    {
        using var admin = new KafkaClients(options, NullLogger<KafkaClients>.Instance).Admin();
        var metadata = await TopicIdentity.MetadataAsync(admin);
        var plan = new TopicPlan(options, others);
        var missing = plan.Missing(metadata);
        if (missing.Count > 0)
        {
            var creation = new TopicCreation(
                admin, options.BootstrapServers, plan, Timeout, SettleTimeout, TimeProvider.System, logger);

            // The embedded broker ignores requests to create topics. It creates a topic at the first request for it by name.
            await (TopicIdentity.IsEmbedded(metadata) ? creation.WaitAsync(missing) : creation.CreateAsync(missing));
        }
    }
}
