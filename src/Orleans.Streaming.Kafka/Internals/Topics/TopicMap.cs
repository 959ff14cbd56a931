using System.IO.Hashing;
using System.Text;
using Confluent.Kafka;
using Orleans.Streaming.Kafka.Internals.Messages;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Internals.Topics;

/// <summary>Maps streams to topics, and each partition that silos read to a queue. Topics may grow while the provider runs.</summary>
internal sealed class TopicMap : IConsistentRingStreamQueueMapper
{
    private readonly string _provider;
    private readonly IKafkaStreamMapper? _mapper;
    private volatile State _state;

    /// <param name="mapper">The mapping of the application; null means that of the options.</param>
    public TopicMap(string provider, IEnumerable<StreamTopic> topics, IKafkaStreamMapper? mapper = null) =>
        (_provider, _state, _mapper) = (provider, new([.. topics], new HashSet<(string, int)>()), mapper);

    /// <summary>Whether the application maps streams.</summary>
    public bool HasMapper => _mapper is not null;

    /// <summary>The topics as they were found last.</summary>
    public IReadOnlyList<StreamTopic> Topics => _state.Topics;

    /// <summary>Gives the queues to the pulling agents anew; null before the agents start and after they have stopped.</summary>
    public Func<Task>? QueuesChanged { get; set; }

    /// <summary>Replaces the topics, and gives their queues to the pulling agents.</summary>
    /// <param name="withoutQueues">Partitions that no agent reads for now.</param>
    public Task UpdateAsync(IEnumerable<StreamTopic> topics, IReadOnlySet<(string Topic, int Partition)> withoutQueues)
    {
        _state = new([.. topics], withoutQueues);
        return QueuesChanged?.Invoke() ?? Task.CompletedTask;
    }

    /// <exception cref="KafkaStreamException">The provider has no topic for the namespace.</exception>
    public StreamTopic TopicOf(StreamId stream) => TargetOf(stream).Topic;

    /// <summary>The topic, the key and the partition for messages of a stream.</summary>
    /// <exception cref="KafkaStreamException">The stream has no topic or no partition.</exception>
    public MessageTarget TargetOf(StreamId stream)
    {
        var state = _state;
        if (_mapper?.AddressOf(stream) is not { } address)
        {
            var mapped = TopicOf(state, stream);
            return new(mapped, mapped.KeyOf(stream), mapped.TargetOf(stream));
        }

        var topic = Array.Find(state.Topics, topic => topic.Name == address.Topic) ?? throw new KafkaStreamException(
            $"The mapper of the stream provider \"{_provider}\" maps the stream \"{stream}\" to the topic \"{address.Topic}\", "
            + "which is not in its Topics; add the topic.");
        return new(topic, address.Key, topic.TargetOf(address.Key));
    }

    /// <summary>The stream of a message.</summary>
    /// <exception cref="KafkaStreamException">The mapper of the application has failed.</exception>
    public StreamId StreamOf(StreamTopic topic, int partition, byte[]? key, Headers? headers)
    {
        try
        {
            if (_mapper?.StreamOf(new(topic.Name, key), headers ?? []) is { } stream)
            {
                return stream;
            }
        }
        catch (Exception e)
        {
            throw new KafkaStreamException($"The mapper of the stream provider \"{_provider}\" has failed: {e.Message}", e);
        }

        var hasNamespace = topic.IsForAll && headers is { Count: > 0 };
        return topic.StreamOf(
            key, partition, hasNamespace && headers!.TryGetLastBytes(MessageHeaders.Namespace, out var bytes) ? bytes : null);
    }

    /// <summary>Checks that silos find the stream of a message again.</summary>
    /// <exception cref="KafkaStreamException">Silos would deliver the message to another stream.</exception>
    public void CheckMapping(StreamId stream, MessageTarget target, Headers? headers)
    {
        if (HasMapper && !target.Topic.Options.ProduceOnly
            && StreamOf(target.Topic, target.Partition, target.Key, headers) is var found && found != stream)
        {
            throw new KafkaStreamException(
                $"The mapper of the stream provider \"{_provider}\" maps the stream \"{stream}\" to messages of the topic "
                + $"\"{target.Topic.Name}\" that it maps to the stream \"{found}\"; correct AddressOf or StreamOf.");
        }
    }

    public (StreamTopic Topic, int Partition) PartitionOf(QueueId queue) => _state.Partitions[queue];

    /// <summary>Whether the provider still has this topic, and not one that was created again under its name.</summary>
    public bool IsCurrent(StreamTopic topic) =>
        Array.Exists(_state.Topics, current => current.Name == topic.Name && current.Id == topic.Id);

    public bool Has(QueueId queue) => _state.Partitions.ContainsKey(queue);

    public IEnumerable<QueueId> GetAllQueues() => _state.Partitions.Keys;

    public IEnumerable<QueueId> GetQueuesForRange(IRingRange range) =>
        _state.Partitions.Keys.Where(queue => range.InRange(queue.GetUniformHashCode()));

    public QueueId GetQueueForStream(StreamId streamId)
    {
        var (topic, _, partition) = TargetOf(streamId);
        return !topic.Options.ProduceOnly
            ? QueueOf(topic.Name, partition)
            : throw new KafkaStreamException(
                $"The topic \"{topic.Name}\" is produce-only; to subscribe, set ProduceOnly to false in the provider \"{_provider}\".");
    }

    /// <summary>The queue of a partition. It depends on nothing else, so silos with different topics agree on it.</summary>
    /// <remarks>
    /// The hash is the queue's place on the ring of silos. Multiples of the golden ratio spread any number of partitions evenly, from a
    /// start that depends on the topic.
    /// </remarks>
    private static QueueId QueueOf(string topic, int partition) => QueueId.GetQueueId(
        topic, (uint)partition, unchecked(XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(topic)) + ((uint)partition * 0x9E3779B9)));

    private StreamTopic TopicOf(State state, StreamId stream)
    {
        var streamNamespace = stream.Namespace.Span;
        StreamTopic? found = null;
        foreach (var topic in state.Topics)
        {
            if (topic.IsForAll || !topic.Has(streamNamespace))
            {
                continue;
            }

            found = found is null ? topic : throw new KafkaStreamException(
                $"The namespace \"{stream.GetNamespace()}\" has several topics in the stream provider \"{_provider}\", such as "
                + $"\"{found.Name}\" and \"{topic.Name}\"; choose one of them with UseStreamMapper.");
        }

        return found ?? state.ForAll ?? throw new KafkaStreamException(
            $"The stream provider \"{_provider}\" has no topic for the namespace \"{stream.GetNamespace()}\"; "
            + "add a topic with this namespace, or one without a namespace, to its Topics.");
    }

    private sealed class State(StreamTopic[] topics, IReadOnlySet<(string Topic, int Partition)> withoutQueues)
    {
        public StreamTopic[] Topics => topics;

        public StreamTopic? ForAll { get; } = Array.Find(topics, topic => topic.IsForAll);

        public Dictionary<QueueId, (StreamTopic Topic, int Partition)> Partitions { get; } = topics
            .Where(topic => !topic.Options.ProduceOnly)
            .SelectMany(topic => Enumerable.Range(0, topic.Partitions).Select(partition => (topic, partition)))
            .Where(pair => !withoutQueues.Contains((pair.topic.Name, pair.partition)))
            .ToDictionary(pair => QueueOf(pair.topic.Name, pair.partition));
    }
}
