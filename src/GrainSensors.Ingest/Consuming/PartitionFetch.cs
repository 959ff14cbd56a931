using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.Consuming;

/// <summary>Seeks, pauses and resumes the fetching of partitions. For the consume thread only.</summary>
internal sealed partial class PartitionFetch(IConsumer<Ignore, Ignore> consumer, ILogger logger)
{
    /// <returns>False: the seek is not possible yet and must be repeated.</returns>
    public bool TrySeek(AssignedPartition partition, (long Offset, int Generation) seek)
    {
        partition.FetchGeneration = -1;
        try
        {
            var to = new TopicPartitionOffset(partition.At, seek.Offset);
            if (partition.MustBeReassigned)
            {
                consumer.IncrementalUnassign([partition.At]);
                consumer.IncrementalAssign([to]);
                partition.MustBeReassigned = false;
            }
            else
            {
                consumer.Seek(to);
            }
        }
        catch (KafkaException e)
        {
            // The partition is being revoked, or the client is about to stop.
            LogSeekFailed(logger, partition.Name, seek.Offset, e.Error.Reason);
            return false;
        }

        partition.SchemaWait = null;
        partition.FetchGeneration = seek.Generation;
        partition.SeekDone(seek);
        if (partition.Buffer is not { IsFull: true })
        {
            Resume(partition);
        }

        return true;
    }

    public void Pause(AssignedPartition partition)
    {
        consumer.Pause([partition.At]);
        partition.IsPaused = true;
    }

    /// <summary>Resumes the partition if it is paused.</summary>
    public void Resume(AssignedPartition partition)
    {
        if (partition.IsPaused)
        {
            consumer.Resume([partition.At]);
            partition.IsPaused = false;
        }
    }

    [LoggerMessage(1020, LogLevel.Debug, "Partition {Partition} could not seek to offset {Offset} and will retry: {Reason}")]
    private static partial void LogSeekFailed(ILogger logger, PartitionName partition, long offset, string reason);
}
