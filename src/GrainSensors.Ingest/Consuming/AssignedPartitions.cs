using System.Text;
using Confluent.Kafka;
using GrainSensors.Core.Text;

namespace GrainSensors.Ingest.Consuming;

/// <summary>
/// The partitions that the group has assigned to this silo. The consume thread changes them, and any thread may read them.
/// </summary>
internal sealed class AssignedPartitions
{
    /// <summary>The partitions of each topic by their number. The whole is replaced when it changes.</summary>
    private volatile Dictionary<byte[], AssignedPartition?[]> _topics = new(Utf8Comparer.Instance);

    public IEnumerable<AssignedPartition> All => _topics.Values.SelectMany(partitions => partitions).OfType<AssignedPartition>();

    /// <param name="topic">The name of the topic in UTF-8.</param>
    public AssignedPartition? Of(ReadOnlySpan<byte> topic, int number) =>
        _topics.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(topic, out var partitions) && (uint)number < (uint)partitions.Length
            ? partitions[number]
            : null;

    public AssignedPartition? Of(TopicPartition at) => Of(Encoding.UTF8.GetBytes(at.Topic), at.Partition.Value);

    /// <summary>Adds a partition, or replaces the object of the same partition.</summary>
    public void Put(AssignedPartition partition) => Set(partition.At, partition);

    /// <returns>The removed partitions.</returns>
    public List<AssignedPartition> Remove(IEnumerable<TopicPartitionOffset> partitions)
    {
        var removed = partitions.Select(partition => Of(partition.TopicPartition)).OfType<AssignedPartition>().ToList();
        removed.ForEach(partition => Set(partition.At, null));
        return removed;
    }

    private void Set(TopicPartition at, AssignedPartition? partition)
    {
        var topic = Encoding.UTF8.GetBytes(at.Topic);
        var partitions = _topics.GetValueOrDefault(topic)?.ToArray() ?? [];
        Array.Resize(ref partitions, Math.Max(partitions.Length, at.Partition.Value + 1));
        partitions[at.Partition.Value] = partition;
        _topics = new(_topics, Utf8Comparer.Instance) { [topic] = partitions };
    }
}
