using Confluent.Kafka;
using GrainSensors.Sources;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Kafka;

/// <summary>Reads the topics beside the pipeline: their current state, and consumers with the pipeline's settings.</summary>
public sealed class LogReaders
{
    private readonly KafkaClients _clients;

    private LogReaders(
        KafkaClients clients, IReadOnlyList<(string Name, Guid TopicId, int Partitions)> topics, int deadLetterPartitions, bool isEmbedded)
    {
        (_clients, Topics) = (clients, topics);
        (DeadLetterPartitions, FindsTimes) = (deadLetterPartitions, !isEmbedded);
    }

    public KafkaOptions Options => _clients.Options;

    /// <summary>The topic of readings, and then those of sources that exist; see <see cref="Core.Windows.SourceId.TopicId"/>.</summary>
    public IReadOnlyList<(string Name, Guid TopicId, int Partitions)> Topics { get; }

    /// <summary>Partitions of the topic of dead letters; 0 if the topic is missing.</summary>
    public int DeadLetterPartitions { get; }

    /// <summary>Whether the broker finds the offset of a time; the embedded broker always answers with the end.</summary>
    public bool FindsTimes { get; }

    /// <exception cref="KafkaUnavailableException">Kafka does not answer, or the topic of readings is missing.</exception>
    public static Task<LogReaders> OpenAsync(
        KafkaOptions options, SourceTopics? sources = null) => KafkaUnavailableException.GuardAsync(options, async () =>
    {
        var clients = new KafkaClients(options, NullLogger<KafkaClients>.Instance);
        using var admin = clients.Admin();
        var metadata = await TopicIdentity.MetadataAsync(admin);
        var ofSources = metadata.Topics.Where(KafkaTopicCreation.Exists).Select(topic => topic.Topic)
            .Where(topic => topic != options.Topic && sources?.Find(topic) is not null);
        string[] names = [options.Topic, .. ofSources];
        var identities = await TopicIdentity.ResolveAsync(admin, metadata, names);
        var topics = names.Select(name => (name, identities[name].TopicId, identities[name].Partitions)).ToList();
        var deadLetters = metadata.Topics.Find(topic => topic.Topic == options.DeadLetterTopic)?.Partitions.Count ?? 0;
        return new LogReaders(clients, topics, deadLetters, TopicIdentity.IsEmbedded(metadata));
    });

    /// <summary>Builds a consumer that joins no group, commits nothing and reports the end of a partition.</summary>
    /// <param name="fields">
    /// The fields of a result that are filled, by the client's names: <c>none</c>, or <c>headers</c> and <c>timestamp</c>.
    /// </param>
    public ConsumerBuilder<TKey, T> Reader<TKey, T>(string fields) => _clients.RangeReader<TKey, T>(fields);

    /// <summary>Converts exceptions of the Kafka client.</summary>
    /// <exception cref="KafkaUnavailableException">Kafka cannot be used.</exception>
    public Task<T> GuardAsync<T>(Func<Task<T>> call) => KafkaUnavailableException.GuardAsync(Options, call);
}
