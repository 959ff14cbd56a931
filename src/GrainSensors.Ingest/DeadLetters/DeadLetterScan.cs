using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>Reads bounded ranges of a topic.</summary>
internal sealed class DeadLetterScan(KafkaClients clients, string topic) : IDisposable
{
    /// <summary>A broker that is silent for this time counts as unavailable.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly IConsumer<byte[]?, byte[]?> _consumer = clients.DeadLetterReader();

    /// <summary>A range of offsets of a partition.</summary>
    /// <param name="Begin">Inclusive.</param>
    /// <param name="End">Exclusive.</param>
    public readonly record struct OffsetRange(int Partition, long Begin, long End);

    /// <returns>The present range of each partition that is not empty.</returns>
    /// <exception cref="KafkaException">The broker does not answer.</exception>
    public List<OffsetRange> Snapshot(int partitions)
    {
        var ranges = new List<OffsetRange>(partitions);
        for (var partition = 0; partition < partitions; partition++)
        {
            var watermarks = _consumer.QueryWatermarkOffsets(new(topic, partition), Patience);
            if (watermarks.High > watermarks.Low)
            {
                ranges.Add(new(partition, watermarks.Low, watermarks.High));
            }
        }

        return ranges;
    }

    /// <returns>The records of the ranges. They are ordered within a partition, not between partitions.</returns>
    /// <exception cref="KafkaException">During the enumeration: the broker does not answer, or refuses.</exception>
    public IEnumerable<ConsumeResult<byte[]?, byte[]?>> Read(IReadOnlyCollection<OffsetRange> ranges, CancellationToken cancellationToken)
    {
        var ends = ranges.ToDictionary(range => range.Partition, range => range.End);
        _consumer.Assign(ranges.Select(range => new TopicPartitionOffset(topic, range.Partition, range.Begin)));
        while (ends.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var record = _consumer.Consume(Patience)
                ?? throw new KafkaException(new Error(ErrorCode.Local_TimedOut, $"no data for {Patience.TotalSeconds:0} s"));
            if (!ends.TryGetValue(record.Partition, out var end))
            {
                continue; // beyond the end of its range
            }

            if (record.IsPartitionEOF || record.Offset >= end - 1)
            {
                ends.Remove(record.Partition);
            }

            if (!record.IsPartitionEOF && record.Offset < end)
            {
                yield return record;
            }
        }
    }

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }
}
