using Confluent.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Reconciliation.Log;

/// <summary>Reads ranges of offsets of a topic and resumes at a higher offset when retention overtakes the reader.</summary>
/// <remarks>
/// The client's own recovery asks for the beginning of the log and reads from there. A broker that drops its oldest batch for
/// each new one, such as the embedded broker with a full partition, has dropped that offset too by the time of the read. The
/// recovery would then never end. Each further attempt therefore keeps a distance from the beginning: first twice the number
/// of records dropped since the attempt before, then twice as much each time. The first attempt keeps no distance, because
/// Kafka drops whole segments and the beginning of its log stays for a while.
/// </remarks>
internal sealed class OffsetRangeReader<TKey, T>
{
    /// <summary>2^30 times one record is more than any partition holds.</summary>
    private const int MaxDoublings = 30;

    private readonly IConsumer<TKey, T> _consumer;
    private readonly string _topic;
    private readonly TimeSpan _timeout;
    private readonly Dictionary<int, long> _ends;
    private readonly Dictionary<int, Attempts> _attempts = [];
    private readonly Dictionary<int, long> _overtaken = [];

    /// <param name="timeout">How long to wait for an answer of the broker.</param>
    public OffsetRangeReader(IConsumer<TKey, T> consumer, string topic, IEnumerable<OffsetRange> ranges, TimeSpan timeout)
    {
        (_consumer, _topic, _timeout) = (consumer, topic, timeout);
        var filled = ranges.Where(range => range.End > range.Begin).ToList();
        _ends = filled.ToDictionary(range => range.Partition, range => range.End);
        _consumer.Assign(filled.Select(range => new TopicPartitionOffset(topic, range.Partition, range.Begin)));
    }

    /// <summary>
    /// The partitions that lost records before they were read, each with the offset from which all records were read.
    /// </summary>
    public IReadOnlyDictionary<int, long> Overtaken => _overtaken;

    /// <returns>The next record; null after the end of all ranges.</returns>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public ConsumeResult<TKey, T>? Next(CancellationToken cancellationToken)
    {
        while (_ends.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Consume() is not { } record || !_ends.TryGetValue(record.Partition, out var end))
            {
                continue; // the record arrived after the end of its range
            }

            _attempts.Remove(record.Partition);

            // An end-of-partition event carries the offset of the next record. The last offsets may hold no deliverable record.
            if (record.Offset.Value >= (record.IsPartitionEOF ? end : end - 1))
            {
                Finish(record.Partition);
            }

            if (!record.IsPartitionEOF && record.Offset.Value < end)
            {
                return record;
            }
        }

        return null;
    }

    /// <summary>Stops reading the partition.</summary>
    public void Finish(Partition partition)
    {
        // A record names its topic only if that field was requested, so the topic is kept here.
        if (_ends.Remove(partition))
        {
            _consumer.IncrementalUnassign([new TopicPartition(_topic, partition)]);
        }
    }

    /// <returns>The record or end-of-partition event; null if a partition resumes at another offset.</returns>
    private ConsumeResult<TKey, T>? Consume()
    {
        try
        {
            return _consumer.Consume(_timeout)
                ?? throw new KafkaException(new Error(ErrorCode.Local_TimedOut, $"no message within {_timeout.TotalSeconds:0} s"));
        }
        catch (ConsumeException e) when (e.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)
        {
            Resume(e.ConsumerRecord.Partition);
            return null;
        }
    }

    private void Resume(Partition partition)
    {
        if (!_ends.TryGetValue(partition, out var end))
        {
            return;
        }

        var topicPartition = new TopicPartition(_topic, partition);
        _consumer.IncrementalUnassign([topicPartition]);
        var low = _consumer.QueryWatermarkOffsets(topicPartition, _timeout).Low.Value;
        var next = low;
        if (_attempts.TryGetValue(partition, out var attempts))
        {
            next += Math.Max(1, low - attempts.Low) << Math.Min(attempts.Count, MaxDoublings);
        }

        _attempts[partition] = new(attempts.Count + 1, low);
        if (next < end)
        {
            _overtaken[partition] = next;
            _consumer.IncrementalAssign([new TopicPartitionOffset(topicPartition, next)]);
        }
        else
        {
            _overtaken[partition] = end;
            _ends.Remove(partition);
        }
    }

    /// <summary>Attempts to resume a partition since its last record was read.</summary>
    /// <param name="Low">The beginning of the log at the last attempt.</param>
    private readonly record struct Attempts(int Count, long Low);
}
