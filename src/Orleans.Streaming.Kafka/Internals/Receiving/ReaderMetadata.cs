using System.Collections.Concurrent;
using Confluent.Kafka;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>
/// Tells a consumer of partitions that were added. It fetches nothing of a partition that it does not know, and looks for new ones every
/// five minutes.
/// </summary>
internal sealed class ReaderMetadata
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, int> _partitions = new();

    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public void Refresh(IConsumer<byte[]?, byte[]?> consumer, TopicPartition partition)
    {
        if (partition.Partition.Value < _partitions.GetValueOrDefault(partition.Topic))
        {
            return;
        }

        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var topic = admin.GetMetadata(partition.Topic, RequestTimeout).Topics.Find(topic => topic.Topic == partition.Topic);
        _partitions[partition.Topic] = topic?.Partitions.Count ?? 0;
    }
}
