using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Internals.Topics;

/// <summary>Maps streams to topics, and each partition that silos read to a queue.</summary>
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
            // An even distribution on the ring gives each silo the same number of partitions.
            var hash = (uint)((ulong)i * (1UL + uint.MaxValue) / (ulong)read.Count);
            var queue = QueueId.GetQueueId(read[i].topic.Name, (uint)read[i].partition, hash);
            _queues.Add(read[i], queue);
            _partitions.Add(queue, read[i]);
        }
    }

    /// <exception cref="KafkaStreamException">The provider has no topic for the namespace.</exception>
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
            + "add a topic with this namespace, or one without a namespace, to its Topics.");
    }

    public (StreamTopic Topic, int Partition) PartitionOf(QueueId queue) => _partitions[queue];

    public IEnumerable<QueueId> GetAllQueues() => _partitions.Keys;

    public IEnumerable<QueueId> GetQueuesForRange(IRingRange range) =>
        _partitions.Keys.Where(queue => range.InRange(queue.GetUniformHashCode()));

    public QueueId GetQueueForStream(StreamId streamId)
    {
        var topic = TopicOf(streamId);
        return !topic.Options.ProduceOnly
            ? _queues[(topic, topic.PartitionOf(streamId))]
            : throw new KafkaStreamException(
                $"The topic \"{topic.Name}\" is produce-only; to subscribe, set ProduceOnly to false in the provider \"{_provider}\".");
    }
}
