using Confluent.Kafka;

namespace GrainSensors.Ingest.Consuming;

/// <summary>
/// The partitions that the group has assigned to this silo. The consume thread changes them, and any thread may read them.
/// </summary>
internal sealed class AssignedPartitions
{
    /// <summary>Indexed by partition. The array is replaced as a whole when it changes.</summary>
    private volatile AssignedPartition?[] _partitions = [];

    public IEnumerable<AssignedPartition> All => _partitions.OfType<AssignedPartition>();

    public AssignedPartition? Of(int number)
    {
        var partitions = _partitions;
        return (uint)number < (uint)partitions.Length ? partitions[number] : null;
    }

    /// <summary>Adds a partition, or replaces the object of the same partition.</summary>
    public void Put(AssignedPartition partition) => Set(partition.Partition, partition);

    /// <returns>The removed partitions.</returns>
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
