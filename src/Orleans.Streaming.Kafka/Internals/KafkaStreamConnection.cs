using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Streams;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streaming.Kafka.Internals.Clients;
using Orleans.Streaming.Kafka.Internals.Failures;
using Orleans.Streaming.Kafka.Internals.Messages;
using Orleans.Streaming.Kafka.Internals.Observability;
using Orleans.Streaming.Kafka.Internals.Producing;
using Orleans.Streaming.Kafka.Internals.Receiving;
using Orleans.Streaming.Kafka.Internals.Topics;

namespace Orleans.Streaming.Kafka.Internals;

/// <summary>The state of a provider in a process: topics and producer; in a silo also the reader and the caches.</summary>
internal sealed class KafkaStreamConnection : IDisposable
{
    private readonly EventCodec _codec;
    private readonly StreamPullingAgentOptions _agents;
    private readonly int _maxRunLength;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly StreamProducer _producer;
    private readonly ReceiverServices _receiverServices;
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<QueueId, PartitionCache> _caches = new();
    private readonly QueueMonitors _monitors;
    private readonly PendingSubscriptions? _subscriptions;
    private PartitionReader? _reader;

    /// <param name="agents">The options of the pulling agents.</param>
    /// <param name="maxRunLength">Maximum number of messages that a cache gives to the agent as one.</param>
    /// <param name="checkpoints">Checkpoints that the application keeps; null means the offsets of the consumer group.</param>
    public KafkaStreamConnection(
        KafkaClients clients, TopicMap topics, ITopicDescriber describer, EventCodec codec, StreamPullingAgentOptions agents,
        int maxRunLength, SiloServices? silo, PartitionCheckpoints? checkpoints, TimeProvider clock, ILogger logger)
    {
        (Clients, Topics) = (clients, topics);
        (_codec, _agents, _maxRunLength) = (codec, agents, maxRunLength);
        (_clock, _logger) = (clock, logger);
        _producer = new(clients, clock, logger);
        Writer = new(topics, codec, _producer, clients.Options.MaxMessageBytes, clients.Options.BootstrapServers);
        var deadLetters = new DeadLetterWriter(_producer, clients, clock, logger);
        _monitors = new(silo?.Instruments);
        _subscriptions = silo is null ? null : new(clients.Provider, silo.Address, silo.Handshakes);
        clients.Metrics.Observe(() => _caches.Values.Select(cache => new PartitionState(
            cache.Source.Topic, cache.Source.Partition, cache.Lag, cache.Bytes, cache.Streams, cache.IsStopped)));
        Unreadable = new(deadLetters, clients);
        Watch = new(topics, describer, _producer.Refresh, clients, clock, logger);
        _receiverServices = new(clients, topics, Reader, deadLetters, agents.StreamInactivityPeriod, checkpoints, clock, logger);
    }

    public KafkaClients Clients { get; }

    public TopicMap Topics { get; }

    public EventWriter Writer { get; }

    public UnreadableMessages Unreadable { get; }

    public TopicWatch Watch { get; }

    /// <summary>Time since the reader last asked for messages; null before the first receiver starts.</summary>
    public TimeSpan? ReaderSilence => _reader?.Silence;

    /// <summary>The open caches of this silo by queue.</summary>
    public IReadOnlyDictionary<QueueId, PartitionCache> Caches => _caches;

    /// <summary>A pulling agent opens the cache of a queue, then its receiver.</summary>
    public PartitionCache OpenCache(QueueId queue)
    {
        var (topic, partition) = Topics.PartitionOf(queue);
        return _caches[queue] = new(
            Clients.Options, Clients.FailurePolicyOf(topic.Options), _agents, _maxRunLength, new(topic.Name, topic.Id, partition), _clock,
            _logger, _subscriptions);
    }

    public PartitionReceiver OpenReceiver(QueueId queue)
    {
        var (topic, partition) = Topics.PartitionOf(queue);
        var cache = _caches.GetValueOrDefault(queue);
        return new(
            _receiverServices, _monitors.Of(queue), topic, new(topic.Name, new Partition(partition)),
            new(Topics, topic, _codec, Clients), cache,
            () => CloseCache(queue, cache));
    }

    /// <summary>Notes that a subscriber cannot read any message of a partition now, if this silo delivers the partition.</summary>
    public void FormatUnavailable(string topic, int partition)
    {
        foreach (var cache in _caches.Values.Where(cache => cache.Source.Topic == topic && cache.Source.Partition == partition))
        {
            cache.FormatUnavailable();
        }
    }

    /// <summary>Starts the partitions again that a failed message has stopped.</summary>
    /// <returns>The number of partitions.</returns>
    public async Task<int> ResumeAsync()
    {
        var stopped = _caches.Values.Where(cache => cache.IsStopped).ToList();
        foreach (var cache in stopped)
        {
            Watch.Restart(new(cache.Source.Topic, cache.Source.Partition));
        }

        await Watch.CheckAsync();
        return stopped.Count;
    }

    public void Dispose()
    {
        Watch.Dispose();
        _subscriptions?.Dispose();
        Unreadable.Dispose();
        _reader?.Dispose();
        _producer.Dispose();
        Clients.Metrics.Dispose();
    }

    /// <summary>Creates the reader for the first receiver, and again after a failure.</summary>
    private PartitionReader Reader()
    {
        lock (_gate)
        {
            return _reader ??= new(Clients, Watch.Restart, _clock, _logger);
        }
    }

    /// <summary>Closes a cache unless another agent of the queue has opened a new one.</summary>
    private void CloseCache(QueueId queue, PartitionCache? cache)
    {
        if (cache is not null)
        {
            _caches.TryRemove(new(queue, cache));
        }
    }
}
