using Confluent.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Reconciliation.Log;

/// <summary>Reads stretches of a topic, and goes on further up where retention is faster.</summary>
/// <remarks>
/// The client's own way on is to ask where the log begins and to read from there. A broker that drops its oldest batch for
/// each new one, as the embedded one does when a partition is full, has dropped that place, too, by the time it is asked for
/// it, and so for ever. A second try therefore keeps a distance from the beginning, twice of what was dropped since the first
/// one, and each further try twice as much as the one before. The first one keeps none: Kafka drops whole segments, and what
/// is at the beginning then is there to stay for a while.
/// </remarks>
internal sealed class OffsetRangeReader<T>
{
    /// <summary>Nothing is longer than what as many doublings make of one record.</summary>
    private const int MaxDoublings = 30;

    private readonly IConsumer<Ignore, T> _consumer;
    private readonly string _topic;
    private readonly Dictionary<int, long> _ends;
    private readonly Dictionary<int, Tries> _tries = [];
    private readonly Dictionary<int, long> _overtaken = [];

    public OffsetRangeReader(IConsumer<Ignore, T> consumer, string topic, IEnumerable<LogRead.OffsetRange> stretches)
    {
        (_consumer, _topic) = (consumer, topic);
        var filled = stretches.Where(stretch => stretch.End > stretch.Begin).ToList();
        _ends = filled.ToDictionary(stretch => stretch.Partition, stretch => stretch.End);
        _consumer.Assign(filled.Select(stretch => new TopicPartitionOffset(topic, stretch.Partition, stretch.Begin)));
    }

    /// <summary>The partitions in which something was dropped before it was read, each with the offset from which on nothing was.</summary>
    public IReadOnlyDictionary<int, long> Overtaken => _overtaken;

    /// <returns>Null: all stretches have been read.</returns>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public ConsumeResult<Ignore, T>? Next(CancellationToken cancellationToken)
    {
        while (_ends.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Consume() is not { } record || !_ends.TryGetValue(record.Partition, out var end))
            {
                continue; // came after the end of its stretch
            }

            _tries.Remove(record.Partition);

            // Of the end of a partition the offset is that of the next record: the last ones may be none that are delivered.
            if (record.Offset.Value >= (record.IsPartitionEOF ? end : end - 1))
            {
                Leave(record.Partition);
            }

            if (!record.IsPartitionEOF && record.Offset.Value < end)
            {
                return record;
            }
        }

        return null;
    }

    /// <summary>Nothing more is wanted of the partition.</summary>
    public void Leave(Partition partition)
    {
        // The record does not name its topic where that field is not asked for.
        if (_ends.Remove(partition))
        {
            _consumer.IncrementalUnassign([new TopicPartition(_topic, partition)]);
        }
    }

    /// <returns>Null: a partition goes on elsewhere.</returns>
    private ConsumeResult<Ignore, T>? Consume()
    {
        try
        {
            return _consumer.Consume(LogRead.Patience)
                ?? throw new KafkaException(new Error(ErrorCode.Local_TimedOut, $"it has sent nothing for {LogRead.Patience.TotalSeconds:0} s"));
        }
        catch (ConsumeException e) when (e.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)
        {
            GoOn(e.ConsumerRecord.Partition);
            return null;
        }
    }

    private void GoOn(Partition partition)
    {
        if (!_ends.TryGetValue(partition, out var end))
        {
            return;
        }

        var place = new TopicPartition(_topic, partition);
        _consumer.IncrementalUnassign([place]);
        var low = _consumer.QueryWatermarkOffsets(place, LogRead.Patience).Low.Value;
        var next = low;
        if (_tries.TryGetValue(partition, out var tries))
        {
            next += Math.Max(1, low - tries.Low) << Math.Min(tries.Count, MaxDoublings);
        }

        _tries[partition] = new(tries.Count + 1, low);
        if (next < end)
        {
            _overtaken[partition] = next;
            _consumer.IncrementalAssign([new TopicPartitionOffset(place, next)]);
        }
        else
        {
            _overtaken[partition] = end;
            _ends.Remove(partition);
        }
    }

    /// <summary>To find a place in a partition since its last record was read.</summary>
    /// <param name="Low">Where the log began at the last of them.</param>
    private readonly record struct Tries(int Count, long Low);
}
