using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Ingest.Kafka;

/// <summary>What a command does with Kafka before it starts.</summary>
public static class KafkaPreparation
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Brokers hear of a new topic within a second or so.</summary>
    private static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Sees whether Kafka answers, and creates the topics that are missing as the options want them. Where it lets
    /// nobody create topics, what is there must do.
    /// </summary>
    /// <param name="logger">Hears of topics that are missing and can be done without for the time being.</param>
    /// <exception cref="KafkaUnavailableException">
    /// It does not answer, or there is no topic of readings and none can be created, or the options are refused.
    /// </exception>
    public static Task EnsureTopicsAsync(KafkaOptions options, ILogger? logger = null) => KafkaUnavailableException.GuardAsync(options, async () =>
    {
        using var admin = new KafkaClients(options, NullLogger<KafkaClients>.Instance).Admin();
        var metadata = await TopicIdentity.MetadataAsync(admin);
        var plan = new TopicPlan(options);
        var missing = plan.Missing(metadata);
        if (missing.Count > 0)
        {
            var creation = new TopicCreation(
                admin, options.BootstrapServers, plan, Timeout, SettleTimeout, TimeProvider.System, logger ?? NullLogger.Instance);

            // The embedded broker leaves such a request unanswered, and creates what it is asked for.
            await (TopicIdentity.IsEmbedded(metadata) ? creation.AskForAsync(missing) : creation.CreateAsync(missing));
        }
    });

    /// <summary>Makes the group begin where the topic ends now: what is there already belongs to somebody else.</summary>
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
}
