using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Ingest.Kafka;

/// <summary>For whoever reads the log beside the pipeline: what its topics are at present, and consumers with the pipeline's settings.</summary>
public sealed class LogReaders
{
    private readonly KafkaClients _clients;

    private LogReaders(KafkaClients clients, Guid topicId, int partitions, int deadLetterPartitions, bool isEmbedded) =>
        (_clients, TopicId, Partitions, DeadLetterPartitions, FindsTimes) = (clients, topicId, partitions, deadLetterPartitions, !isEmbedded);

    public KafkaOptions Options => _clients.Options;

    /// <summary>Of the readings' topic; see <see cref="Core.Windows.SourceId.TopicId"/>.</summary>
    public Guid TopicId { get; }

    public int Partitions { get; }

    /// <summary>0: there is no topic of dead letters.</summary>
    public int DeadLetterPartitions { get; }

    /// <summary>Kafka answers which offset belongs to a time; the embedded broker says always that there is none.</summary>
    public bool FindsTimes { get; }

    /// <exception cref="KafkaUnavailableException">Kafka does not answer, or has no topic of readings.</exception>
    public static Task<LogReaders> OpenAsync(KafkaOptions options) => KafkaUnavailableException.GuardAsync(options, async () =>
    {
        var clients = new KafkaClients(options, NullLogger<KafkaClients>.Instance);
        using var admin = clients.Admin();
        var identity = await TopicIdentity.ResolveAsync(admin, options.Topic);
        var metadata = await TopicIdentity.MetadataAsync(admin);
        var letters = metadata.Topics.Find(topic => topic.Topic == options.DeadLetterTopic)?.Partitions.Count ?? 0;
        return new LogReaders(clients, identity.TopicId, identity.Partitions, letters, TopicIdentity.IsEmbedded(metadata));
    });

    /// <summary>A consumer that joins no group and commits nothing; it tells the end of a partition.</summary>
    /// <param name="fields">Which fields of a result are filled, by the client's names: <c>none</c>, <c>headers</c>, <c>timestamp</c>.</param>
    public ConsumerBuilder<Ignore, T> Reader<T>(string fields) => _clients.RangeReader<T>(fields);

    /// <summary>Tells the client's own exceptions in a sentence.</summary>
    /// <exception cref="KafkaUnavailableException">In place of them.</exception>
    public Task<T> GuardAsync<T>(Func<Task<T>> call) => KafkaUnavailableException.GuardAsync(Options, call);
}
