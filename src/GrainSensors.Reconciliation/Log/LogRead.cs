using Confluent.Kafka;

namespace GrainSensors.Reconciliation.Log;

/// <summary>Reads stretches of a topic that have an end, though the topic has none.</summary>
internal static class LogRead
{
    /// <summary>A broker that says nothing for so long is taken for gone.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <param name="End">Exclusive.</param>
    public readonly record struct OffsetRange(int Partition, long Begin, long End);

    /// <returns>For each partition what is in it now; none for one that is empty.</returns>
    public static List<OffsetRange> Everything<T>(IConsumer<Ignore, T> consumer, string topic, int partitions)
    {
        var stretches = new List<OffsetRange>(partitions);
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
    /// <returns>The partitions in which something was left out, each with the offset from which on nothing was.</returns>
    public static IReadOnlyDictionary<int, long> Run<T>(
        IConsumer<Ignore, T> consumer, string topic, IEnumerable<OffsetRange> stretches, Action<ConsumeResult<Ignore, T>> take, CancellationToken cancellationToken)
    {
        var reader = new OffsetRangeReader<T>(consumer, topic, stretches);
        while (reader.Next(cancellationToken) is { } record)
        {
            take(record);
        }

        return reader.Overtaken;
    }

    /// <summary>The first record that is left of each stretch.</summary>
    /// <param name="take">Gets each; is not called for a stretch of which nothing is left.</param>
    public static void First<T>(
        IConsumer<Ignore, T> consumer, string topic, IEnumerable<OffsetRange> stretches, Action<ConsumeResult<Ignore, T>> take, CancellationToken cancellationToken)
    {
        var reader = new OffsetRangeReader<T>(consumer, topic, stretches);
        while (reader.Next(cancellationToken) is { } record)
        {
            take(record);
            reader.Leave(record.Partition);
        }
    }
}
