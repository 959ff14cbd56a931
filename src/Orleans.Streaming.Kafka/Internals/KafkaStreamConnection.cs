using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
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
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<QueueId, PartitionCache> _caches = new();
    private PartitionReader? _reader;

    /// <param name="agents">Of the pulling agents.</param>
    /// <param name="mostAtOnce">Messages that a cache gives to the agent as one.</param>
    public KafkaStreamConnection(
        KafkaClients clients, TopicMap topics, EventCodec codec, StreamPullingAgentOptions agents, int mostAtOnce, TimeProvider clock, ILogger logger)
    {
        Clients = clients;
        Topics = topics;
        Clock = clock;
        Logger = logger;
        _codec = codec;
        (_batchSize, _mostAtOnce, StreamInactivity) = (agents.BatchContainerBatchSize, mostAtOnce, agents.StreamInactivityPeriod);
        Producer = new(clients, clock, logger);
        Writer = new(topics, codec, Producer, clients.Options.MaxMessageBytes);
        DeadLetters = new(Producer, clients.DeadLetterTopic, clients.Options.MaxMessageBytes, clock, logger);
    }

    public KafkaClients Clients { get; }

    /// <summary>After which a pulling agent lets a stream go.</summary>
    public TimeSpan StreamInactivity { get; }

    public TopicMap Topics { get; }

    public TimeProvider Clock { get; }

    public ILogger Logger { get; }

    public StreamProducer Producer { get; }

    public EventWriter Writer { get; }

    public DeadLetterWriter DeadLetters { get; }

    /// <summary>Made when it is first asked for; a failure is not kept.</summary>
    public PartitionReader Reader
    {
        get
        {
            lock (_gate)
            {
                return _reader ??= new(Clients, Clock, Logger);
            }
        }
    }

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
        _reader?.Dispose();
        Producer.Dispose();
    }
}
