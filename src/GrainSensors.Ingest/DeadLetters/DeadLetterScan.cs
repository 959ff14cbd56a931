using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>Reads stretches of a topic that have an end, though the topic has none.</summary>
internal sealed class DeadLetterScan(KafkaClients clients, string topic) : IDisposable
{
    /// <summary>A broker that says nothing for so long is taken for gone.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly IConsumer<Ignore, byte[]?> _consumer = clients.DeadLetterReader();

    /// <param name="End">Exclusive.</param>
    public readonly record struct OffsetRange(int Partition, long Begin, long End);

    /// <returns>For each partition what is in it now; none for one that is empty.</returns>
    /// <exception cref="KafkaException">The broker does not answer.</exception>
    public List<OffsetRange> Snapshot(int partitions)
    {
        var stretches = new List<OffsetRange>(partitions);
        for (var partition = 0; partition < partitions; partition++)
        {
            var watermarks = _consumer.QueryWatermarkOffsets(new(topic, partition), Patience);
            if (watermarks.High > watermarks.Low)
            {
                stretches.Add(new(partition, watermarks.Low, watermarks.High));
            }
        }

        return stretches;
    }

    /// <returns>The records of the stretches: in order within each, in any order among them.</returns>
    /// <exception cref="KafkaException">While it is enumerated: the broker does not answer, or refuses.</exception>
    public IEnumerable<ConsumeResult<Ignore, byte[]?>> Read(IReadOnlyCollection<OffsetRange> stretches, CancellationToken cancellationToken)
    {
        var ends = stretches.ToDictionary(stretch => stretch.Partition, stretch => stretch.End);
        _consumer.Assign(stretches.Select(stretch => new TopicPartitionOffset(topic, stretch.Partition, stretch.Begin)));
        while (ends.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var record = _consumer.Consume(Patience)
                ?? throw new KafkaException(new Error(ErrorCode.Local_TimedOut, $"it has sent nothing for {Patience.TotalSeconds:0} s"));
            if (!ends.TryGetValue(record.Partition, out var end))
            {
                continue; // came after the end of its stretch
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
