using Confluent.Kafka;
using Orleans.Streaming.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Kafka;

/// <summary>Checks that Kafka answers and has the topic of readings.</summary>
public sealed class KafkaProbe : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);
    private readonly KafkaOptions _options;
    private readonly AdminConnection _admin;
    private readonly ReadTopics _read;
    private volatile int _partitions;
    private volatile Dictionary<string, int> _sourcePartitions = [];

    /// <summary>Partitions of the topic of readings at the last successful check; 0 before it.</summary>
    public int Partitions => _partitions;

    /// <summary>Partitions of the topics of sources at the last successful check, by topic.</summary>
    public IReadOnlyDictionary<string, int> SourcePartitions => _sourcePartitions;

    internal KafkaProbe(KafkaClients clients, ReadTopics read)
    {
        _options = clients.Options;
        _read = read;
        _admin = new(clients.Admin);
    }

    /// <exception cref="KafkaUnavailableException">Kafka does not answer within 3 s, or a partition of the topic has no leader.</exception>
    public Task CheckAsync() => KafkaUnavailableException.GuardAsync(_options, () => _admin.RequestAsync(admin => Task.Run(() =>
    {
        var metadata = _read.HasSources ? admin.GetMetadata(Timeout) : admin.GetMetadata(_options.Topic, Timeout);
        var topic = metadata.Topics.Find(t => t.Topic == _options.Topic);
        var error = topic?.Error ?? new(ErrorCode.UnknownTopicOrPart);
        if (error.Code == ErrorCode.NoError)
        {
            error = topic!.Partitions.Find(partition => partition.Error.Code == ErrorCode.LeaderNotAvailable)?.Error ?? error;
        }

        if (error.Code != ErrorCode.NoError)
        {
            throw new KafkaException(error);
        }

        _sourcePartitions = metadata.Topics.Where(t => _read.SourceOf(t.Topic) is not null && KafkaTopicCreation.Exists(t))
            .ToDictionary(t => t.Topic, t => t.Partitions.Count);
        return _partitions = topic!.Partitions.Count;
    })));

    public void Dispose() => _admin.Dispose();
}
