using Confluent.Kafka;

namespace GrainSensors.Reconciliation.Log;

/// <summary>Reads ranges of offsets of a topic, each to its end.</summary>
internal static class LogRead
{
    /// <summary>The broker counts as unavailable after this time without an answer.</summary>
    public static readonly TimeSpan BrokerTimeout = TimeSpan.FromSeconds(15);

    /// <returns>The current range of offsets of each partition that holds messages.</returns>
    public static List<OffsetRange> Everything<TKey, T>(IConsumer<TKey, T> consumer, string topic, int partitions)
    {
        var ranges = new List<OffsetRange>(partitions);
        for (var partition = 0; partition < partitions; partition++)
        {
            var watermarks = consumer.QueryWatermarkOffsets(new(topic, partition), BrokerTimeout);
            if (watermarks.High > watermarks.Low)
            {
                ranges.Add(new(partition, watermarks.Low, watermarks.High));
            }
        }

        return ranges;
    }

    /// <summary>
    /// Reads all records, in order within a partition and in any order across partitions. Records that retention removes
    /// during the read are skipped.
    /// </summary>
    /// <param name="take">Called for each record; the next call may reuse the same object.</param>
    /// <returns>The partitions with skipped records, each with the offset from which all records were read.</returns>
    public static IReadOnlyDictionary<int, long> Run<TKey, T>(
        IConsumer<TKey, T> consumer, string topic, IEnumerable<OffsetRange> ranges, Action<ConsumeResult<TKey, T>> take,
        CancellationToken cancellationToken)
    {
        var reader = new OffsetRangeReader<TKey, T>(consumer, topic, ranges, BrokerTimeout);
        while (reader.Next(cancellationToken) is { } record)
        {
            take(record);
        }

        return reader.Overtaken;
    }

    /// <summary>Reads the first record left of each range.</summary>
    /// <param name="take">Called for each record; not called for a range without records.</param>
    public static void First<TKey, T>(
        IConsumer<TKey, T> consumer, string topic, IEnumerable<OffsetRange> ranges, Action<ConsumeResult<TKey, T>> take,
        CancellationToken cancellationToken)
    {
        var reader = new OffsetRangeReader<TKey, T>(consumer, topic, ranges, BrokerTimeout);
        while (reader.Next(cancellationToken) is { } record)
        {
            take(record);
            reader.Finish(record.Partition);
        }
    }
}
