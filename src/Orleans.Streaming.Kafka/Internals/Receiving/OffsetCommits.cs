using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Observability;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>Follows the commits of a consumer that commits in the background.</summary>
internal sealed partial class OffsetCommits(StreamMetrics metrics, ILogger logger)
{
    private readonly ConcurrentDictionary<TopicPartition, (long Offset, TaskCompletionSource Done)> _awaited = new();
    private readonly ConcurrentDictionary<TopicPartition, long> _committed = new();

    /// <summary>Notes the offset where reading of a partition starts.</summary>
    public void Begin(TopicPartition partition, long offset) => _committed[partition] = offset;

    public long Of(TopicPartition partition) => _committed.GetValueOrDefault(partition);

    /// <summary>Stores an offset for the next commit.</summary>
    /// <returns>False if the client refuses it.</returns>
    public bool Store(IConsumer<byte[]?, byte[]?> consumer, TopicPartition partition, long nextOffset)
    {
        try
        {
            consumer.StoreOffset(new TopicPartitionOffset(partition, nextOffset));
            return true;
        }
        catch (KafkaException e)
        {
            Failed(partition, nextOffset, e.Error.Reason);
            return false;
        }
    }

    /// <summary>Completes a task when the offset is committed, or when the commit fails.</summary>
    public void Await(TopicPartition partition, long offset, TaskCompletionSource done) => _awaited[partition] = (offset, done);

    /// <summary>The handler of the client.</summary>
    public void Committed(CommittedOffsets committed)
    {
        foreach (var partition in committed.Offsets)
        {
            var error = partition.Error.IsError ? partition.Error : committed.Error;
            if (error.IsError && error.Code != Confluent.Kafka.ErrorCode.Local_NoOffset)
            {
                Failed(partition.TopicPartition, partition.Offset, error.Reason);
            }
            else if (!error.IsError)
            {
                _committed[partition.TopicPartition] = partition.Offset;
            }

            if (_awaited.TryGetValue(partition.TopicPartition, out var awaited) && (partition.Offset >= awaited.Offset || error.IsError))
            {
                _awaited.TryRemove(partition.TopicPartition, out _);
                awaited.Done.TrySetResult();
            }
        }
    }

    private void Failed(TopicPartition partition, long offset, string reason)
    {
        LogCommitFailed(logger, partition.ToString(), offset, reason);
        metrics.CommitFailed(partition.Topic, partition.Partition);
    }

    [LoggerMessage(6022, LogLevel.Warning,
        "Could not commit offset {Offset} of {Partition}; messages from there on may be delivered again: {Reason}")]
    private static partial void LogCommitFailed(ILogger logger, string partition, long offset, string reason);
}
