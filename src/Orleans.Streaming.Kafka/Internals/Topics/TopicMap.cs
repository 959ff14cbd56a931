using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Internals.Topics;

/// <summary>Which streams are in which topics, and the queue of each partition that is read.</summary>
internal sealed class TopicMap : IConsistentRingStreamQueueMapper
{
    private readonly string _provider;
    private readonly StreamTopic[] _topics;
    private readonly StreamTopic? _forAll;
    private readonly Dictionary<(StreamTopic Topic, int Partition), QueueId> _queues = [];
    private readonly Dictionary<QueueId, (StreamTopic Topic, int Partition)> _partitions = [];

    public TopicMap(string provider, IEnumerable<StreamTopic> topics)
    {
        _provider = provider;
        _topics = [.. topics];
        _forAll = Array.Find(_topics, topic => topic.IsForAll);
        var read = _topics.Where(topic => !topic.Options.ProduceOnly)
            .SelectMany(topic => Enumerable.Range(0, topic.Partitions).Select(partition => (topic, partition))).ToList();
        for (var i = 0; i < read.Count; i++)
        {
            // Evenly on the ring, by which silos share them.
            var hash = (uint)((ulong)i * (1UL + uint.MaxValue) / (ulong)read.Count);
            var queue = QueueId.GetQueueId(read[i].topic.Name, (uint)read[i].partition, hash);
            _queues.Add(read[i], queue);
            _partitions.Add(queue, read[i]);
        }
    }

    /// <exception cref="KafkaStreamException">No topic takes it.</exception>
    public StreamTopic TopicOf(StreamId stream)
    {
        var streamNamespace = stream.Namespace.Span;
        foreach (var topic in _topics)
        {
            if (!topic.IsForAll && topic.Has(streamNamespace))
            {
                return topic;
            }
        }

        return _forAll ?? throw new KafkaStreamException(
            $"The stream provider \"{_provider}\" has no topic for the namespace \"{stream.GetNamespace()}\"; "
            + $"add one with that namespace to its Topics, or one without a namespace for all others.");
    }

    public (StreamTopic Topic, int Partition) PartitionOf(QueueId queue) => _partitions[queue];

    public IEnumerable<QueueId> GetAllQueues() => _partitions.Keys;

    public IEnumerable<QueueId> GetQueuesForRange(IRingRange range) => _partitions.Keys.Where(queue => range.InRange(queue.GetUniformHashCode()));

    public QueueId GetQueueForStream(StreamId streamId)
    {
        var topic = TopicOf(streamId);
        return !topic.Options.ProduceOnly
            ? _queues[(topic, topic.PartitionOf(streamId))]
            : throw new KafkaStreamException($"The topic \"{topic.Name}\" is produce-only: no stream of it is read by the provider \"{_provider}\".");
    }
}
