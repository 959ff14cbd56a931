using Confluent.Kafka;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>The partitions of a consumer. Its thread uses them.</summary>
internal sealed class AssignedPartitions
{
    private readonly Dictionary<TopicPartition, FetchedPartition> _partitions = [];
    private FetchedPartition? _last;

    public IReadOnlyCollection<FetchedPartition> All => _partitions.Values;

    public FetchedPartition? Find(TopicPartition partition) => _partitions.GetValueOrDefault(partition);

    /// <summary>
    /// Finds the partition of a message. The consumer returns many messages of a partition one after the other, and each look-up would
    /// allocate a key.
    /// </summary>
    public FetchedPartition? Find(ConsumeResult<byte[]?, byte[]?> result)
    {
        if (_last is not { Partition: var last } || last.Partition != result.Partition || last.Topic != result.Topic)
        {
            _last = Find(result.TopicPartition);
        }

        return _last;
    }

    public bool IsCurrent(FetchedPartition fetched) => Find(fetched.Partition) == fetched;

    public void Add(FetchedPartition fetched) => _partitions.Add(fetched.Partition, fetched);

    /// <returns>The partition that was removed; null if there was none.</returns>
    public FetchedPartition? Remove(TopicPartition partition)
    {
        _last = null;
        _partitions.Remove(partition, out var removed);
        return removed;
    }

    /// <summary>Assigns all partitions to a new consumer, at the next offsets to fetch.</summary>
    public void AssignTo(IConsumer<byte[]?, byte[]?> consumer)
    {
        foreach (var fetched in All)
        {
            fetched.Assigned();
        }

        consumer.IncrementalAssign(All.Select(fetched => new TopicPartitionOffset(fetched.Partition, fetched.Next)).ToList());
    }
}
