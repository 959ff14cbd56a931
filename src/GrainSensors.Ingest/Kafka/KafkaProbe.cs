using Confluent.Kafka;
using Orleans.Streaming.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Kafka;

/// <summary>Checks that Kafka answers and has the topic of readings.</summary>
public sealed class KafkaProbe : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan CountInterval = TimeSpan.FromMinutes(1);
    private readonly KafkaOptions _options;
    private readonly AdminConnection _admin;
    private readonly ReadTopics _read;
    private readonly TimeProvider _clock;
    private long _counted;
    private volatile int _partitions;
    private volatile Dictionary<string, int> _sourcePartitions = [];

    /// <summary>Partitions of the topic of readings at the last successful check; 0 before it.</summary>
    public int Partitions => _partitions;

    /// <summary>Partitions of the topics of sources, by topic, counted once a minute.</summary>
    public IReadOnlyDictionary<string, int> SourcePartitions => _sourcePartitions;

    internal KafkaProbe(KafkaClients clients, ReadTopics read, TimeProvider clock)
    {
        _clock = clock;
        _options = clients.Options;
        _read = read;
        _admin = new(clients.Admin);
    }

    /// <exception cref="KafkaUnavailableException">Kafka does not answer within 3 s, or a partition of the topic has no leader.</exception>
    public Task CheckAsync() => KafkaUnavailableException.GuardAsync(_options, () => _admin.RequestAsync(admin => Task.Run(() =>
    {
        var topic = admin.GetMetadata(_options.Topic, Timeout).Topics.Find(t => t.Topic == _options.Topic);
        var error = topic?.Error ?? new(ErrorCode.UnknownTopicOrPart);
        if (error.Code == ErrorCode.NoError)
        {
            error = topic!.Partitions.Find(partition => partition.Error.Code == ErrorCode.LeaderNotAvailable)?.Error ?? error;
        }

        if (error.Code != ErrorCode.NoError)
        {
            throw new KafkaException(error);
        }

        CountSources(admin);
        return _partitions = topic!.Partitions.Count;
    })));

    public void Dispose() => _admin.Dispose();

    /// <summary>Asks for all topics, because sources may have patterns. It is no fault of Kafka if there are too many of them.</summary>
    private void CountSources(IAdminClient admin)
    {
        if (!_read.HasSources || (_counted != 0 && _clock.GetElapsedTime(_counted) < CountInterval))
        {
            return;
        }

        _counted = _clock.GetTimestamp();
        try
        {
            _sourcePartitions = admin.GetMetadata(Timeout).Topics
                .Where(topic => _read.SourceOf(topic.Topic) is not null && KafkaTopicCreation.Exists(topic))
                .ToDictionary(topic => topic.Topic, topic => topic.Partitions.Count);
        }
        catch (KafkaException)
        {
            // The numbers of the last time stay.
        }
    }
}
