using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging.Abstractions;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Kafka;

/// <summary>What a command does with Kafka before it starts.</summary>
public static class KafkaPreparation
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Sees whether Kafka answers, and creates the topics that are missing, with the broker's defaults.</summary>
    /// <exception cref="KafkaUnavailableException">It does not answer, or there is a topic missing that cannot be created.</exception>
    public static Task EnsureTopicsAsync(KafkaOptions options) => KafkaUnavailableException.GuardAsync(options, async () =>
    {
        using var admin = new KafkaClients(options, NullLogger<KafkaClients>.Instance).Admin();
        var metadata = await TopicIdentity.MetadataAsync(admin);
        string[] wanted = [options.Topic, options.DeadLetterTopic, options.LogTopic];
        var missing = wanted.Except(metadata.Topics.Where(topic => topic.Error.Code == ErrorCode.NoError).Select(topic => topic.Topic)).ToList();
        if (missing.Count > 0 && !TopicIdentity.IsEmbedded(metadata))
        {
            await CreateAsync(admin, missing);
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

    private static async Task CreateAsync(IAdminClient admin, List<string> topics)
    {
        try
        {
            await admin.CreateTopicsAsync(topics.Select(topic => new TopicSpecification { Name = topic }), new() { RequestTimeout = Timeout });
        }
        catch (CreateTopicsException e) when (e.Results.TrueForAll(result => result.Error.Code is ErrorCode.NoError or ErrorCode.TopicAlreadyExists))
        {
            // Another process was faster.
        }
    }
}
