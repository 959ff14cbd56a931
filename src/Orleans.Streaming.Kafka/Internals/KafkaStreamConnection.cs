using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streams;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streaming.Kafka.Internals.Clients;
using Orleans.Streaming.Kafka.Internals.Failures;
using Orleans.Streaming.Kafka.Internals.Messages;
using Orleans.Streaming.Kafka.Internals.Producing;
using Orleans.Streaming.Kafka.Internals.Receiving;
using Orleans.Streaming.Kafka.Internals.Topics;

namespace Orleans.Streaming.Kafka.Internals;

/// <summary>What one provider has in one process: its topics, its producer, and where it is read, its reader and caches.</summary>
internal sealed class KafkaStreamConnection : IDisposable
{
    private readonly EventCodec _codec;
    private readonly int _batchSize;
    private readonly int _mostAtOnce;
    private readonly Lazy<PartitionReader> _reader;
    private readonly ConcurrentDictionary<QueueId, PartitionCache> _caches = new();

    /// <param name="batchSize">Messages that a pulling agent delivers at once.</param>
    /// <param name="mostAtOnce">Messages that a cache gives to the agent as one.</param>
    public KafkaStreamConnection(
        KafkaClients clients, TopicMap topics, EventCodec codec, int batchSize, int mostAtOnce, TimeProvider clock, ILogger logger)
    {
        Clients = clients;
        Topics = topics;
        Clock = clock;
        Logger = logger;
        _codec = codec;
        (_batchSize, _mostAtOnce) = (batchSize, mostAtOnce);
        Producer = new(clients, clock, logger);
        Writer = new(topics, codec, Producer, clients.Options.MaxMessageBytes);
        DeadLetters = new(Producer, clients.DeadLetterTopic, clients.Options.MaxMessageBytes, clock, logger);
        _reader = new(() => new(clients, clock, logger));
    }

    public KafkaClients Clients { get; }

    public TopicMap Topics { get; }

    public TimeProvider Clock { get; }

    public ILogger Logger { get; }

    public StreamProducer Producer { get; }

    public EventWriter Writer { get; }

    public DeadLetterWriter DeadLetters { get; }

    public PartitionReader Reader => _reader.Value;

    /// <summary>By queue, those of this silo.</summary>
    public IReadOnlyDictionary<QueueId, PartitionCache> Caches => _caches;

    /// <summary>An agent asks for the cache of a queue, then for the receiver.</summary>
    public PartitionCache OpenCache(QueueId queue)
    {
        var (topic, partition) = Topics.PartitionOf(queue);
        return _caches[queue] = new(Clients.Options, _batchSize, _mostAtOnce, $"{topic.Name} [{partition}]", Clock, Logger);
    }

    public PartitionReceiver OpenReceiver(QueueId queue)
    {
        var (topic, partition) = Topics.PartitionOf(queue);
        return new(this, new(topic.Name, new Partition(partition)), new(topic, _codec), _caches.GetValueOrDefault(queue));
    }

    public void Forget(PartitionCache? cache)
    {
        foreach (var (queue, open) in _caches)
        {
            if (open == cache)
            {
                _caches.TryRemove(new(queue, open));
            }
        }
    }

    public void Dispose()
    {
        if (_reader.IsValueCreated)
        {
            _reader.Value.Dispose();
        }

        Producer.Dispose();
    }
}
