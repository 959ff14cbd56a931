using Confluent.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Reconciliation.Log;

/// <summary>Reads stretches of a topic that have an end, though the topic has none.</summary>
internal static class LogRead
{
    /// <summary>A broker that says nothing for so long is taken for gone.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <param name="End">Exclusive.</param>
    public readonly record struct Stretch(int Partition, long Begin, long End);

    /// <returns>For each partition what is in it now; none for one that is empty.</returns>
    public static List<Stretch> Everything<T>(IConsumer<Ignore, T> consumer, string topic, int partitions)
    {
        var stretches = new List<Stretch>(partitions);
        for (var partition = 0; partition < partitions; partition++)
        {
            var watermarks = consumer.QueryWatermarkOffsets(new(topic, partition), Patience);
            if (watermarks.High > watermarks.Low)
            {
                stretches.Add(new(partition, watermarks.Low, watermarks.High));
            }
        }

        return stretches;
    }

    /// <summary>Records in order within a partition, in any order among them. What retention has taken meanwhile is left out.</summary>
    /// <param name="take">Gets each record; the same object may be used again for the next.</param>
    public static void Run<T>(
        IConsumer<Ignore, T> consumer, string topic, IReadOnlyCollection<Stretch> stretches, Action<ConsumeResult<Ignore, T>> take, CancellationToken cancellationToken)
    {
        var ends = stretches.Where(stretch => stretch.End > stretch.Begin).ToDictionary(stretch => stretch.Partition, stretch => stretch.End);
        consumer.Assign(stretches.Where(stretch => ends.ContainsKey(stretch.Partition))
            .Select(stretch => new TopicPartitionOffset(topic, stretch.Partition, stretch.Begin)));
        while (ends.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var record = consumer.Consume(Patience)
                ?? throw new KafkaException(new Error(ErrorCode.Local_TimedOut, $"it has sent nothing for {Patience.TotalSeconds:0} s"));
            var partition = record.Partition.Value;
            if (!ends.TryGetValue(partition, out var end))
            {
                continue; // came after the end of its stretch
            }

            // Of the end of a partition the offset is that of the next record: the last ones may be none that are delivered.
            if (!record.IsPartitionEOF && record.Offset.Value < end)
            {
                take(record);
            }

            if (record.Offset.Value >= (record.IsPartitionEOF ? end : end - 1))
            {
                ends.Remove(partition);
                consumer.IncrementalUnassign([record.TopicPartition]);
            }
        }
    }
}
