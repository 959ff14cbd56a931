using Confluent.Kafka;

namespace GrainSensors.Ingest.Consuming;

/// <summary>The partitions that the group has given to this silo. The consume thread changes them, anybody may look.</summary>
internal sealed class AssignedPartitions
{
    /// <summary>By partition; replaced as a whole when it changes.</summary>
    private volatile AssignedPartition?[] _partitions = [];

    public IEnumerable<AssignedPartition> All => _partitions.OfType<AssignedPartition>();

    public AssignedPartition? Of(int number)
    {
        var partitions = _partitions;
        return (uint)number < (uint)partitions.Length ? partitions[number] : null;
    }

    /// <summary>In place of the one that is there, if any.</summary>
    public void Put(AssignedPartition partition) => Set(partition.Partition, partition);

    /// <returns>Those that were here.</returns>
    public List<AssignedPartition> Remove(IEnumerable<TopicPartitionOffset> partitions)
    {
        var removed = partitions.Select(partition => Of(partition.Partition)).OfType<AssignedPartition>().ToList();
        removed.ForEach(partition => Set(partition.Partition, null));
        return removed;
    }

    private void Set(int number, AssignedPartition? partition)
    {
        var partitions = _partitions.ToArray();
        Array.Resize(ref partitions, Math.Max(partitions.Length, number + 1));
        partitions[number] = partition;
        _partitions = partitions;
    }
}
