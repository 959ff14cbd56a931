using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Ingest.Kafka;

/// <summary>Reads the topics beside the pipeline: their current state, and consumers with the pipeline's settings.</summary>
public sealed class LogReaders
{
    private readonly KafkaClients _clients;

    private LogReaders(KafkaClients clients, TopicIdentity topic, int deadLetterPartitions, bool isEmbedded)
    {
        (_clients, TopicId, Partitions) = (clients, topic.TopicId, topic.Partitions);
        (DeadLetterPartitions, FindsTimes) = (deadLetterPartitions, !isEmbedded);
    }

    public KafkaOptions Options => _clients.Options;

    /// <summary>Id of the topic of readings; see <see cref="Core.Windows.SourceId.TopicId"/>.</summary>
    public Guid TopicId { get; }

    public int Partitions { get; }

    /// <summary>Partitions of the topic of dead letters; 0 if the topic is missing.</summary>
    public int DeadLetterPartitions { get; }

    /// <summary>Whether the broker finds the offset of a time; the embedded broker always answers with the end.</summary>
    public bool FindsTimes { get; }

    /// <exception cref="KafkaUnavailableException">Kafka does not answer, or the topic of readings is missing.</exception>
    public static Task<LogReaders> OpenAsync(KafkaOptions options) => KafkaUnavailableException.GuardAsync(options, async () =>
    {
        var clients = new KafkaClients(options, NullLogger<KafkaClients>.Instance);
        using var admin = clients.Admin();
        var identity = await TopicIdentity.ResolveAsync(admin, options.Topic);
        var metadata = await TopicIdentity.MetadataAsync(admin);
        var deadLetters = metadata.Topics.Find(topic => topic.Topic == options.DeadLetterTopic)?.Partitions.Count ?? 0;
        return new LogReaders(clients, identity, deadLetters, TopicIdentity.IsEmbedded(metadata));
    });

    /// <summary>Builds a consumer that joins no group, commits nothing and reports the end of a partition.</summary>
    /// <param name="fields">
    /// The fields of a result that are filled, by the client's names: <c>none</c>, <c>headers</c>, <c>timestamp</c>.
    /// </param>
    public ConsumerBuilder<Ignore, T> Reader<T>(string fields) => _clients.RangeReader<T>(fields);

    /// <summary>Converts exceptions of the Kafka client.</summary>
    /// <exception cref="KafkaUnavailableException">Kafka cannot be used.</exception>
    public Task<T> GuardAsync<T>(Func<Task<T>> call) => KafkaUnavailableException.GuardAsync(Options, call);
}
