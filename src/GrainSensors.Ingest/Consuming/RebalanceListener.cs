using Confluent.Kafka;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Kafka.Native;
using GrainSensors.Ingest.Partitions;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.Consuming;

/// <summary>
/// Follows the rebalances of the group: assigned partitions get a start position and a loop, and revoked partitions are handed
/// over. For the consume thread only.
/// </summary>
/// <param name="storeOffset">Stores an offset of a partition for the next commit to the group.</param>
internal sealed partial class RebalanceListener(
    AssignedPartitions partitions,
    ReadTopics topics,
    PartitionHandover handover,
    PartitionFetch fetch,
    ConsumerWakeup wakeup,
    Action<TopicPartition, long> storeOffset,
    IngestOptions options,
    TimeProvider clock,
    ILogger logger)
{
    private int _poll;
    private (nint Topic, int Number, AssignedPartition? Partition) _found;

    /// <summary>The next poll begins.</summary>
    public void PollBegins() => _poll++;

    /// <summary>The messages of a poll are there: no partition is assigned or revoked until all are taken.</summary>
    public void MessagesBegin() => _found = default;

    /// <returns>The partition of a message if its messages in this poll belong to its assignment. Null otherwise.</returns>
    public AssignedPartition? Find(in NativeMessage message)
    {
        // Consecutive messages mostly have the same partition. The topics of a poll live as long as its messages.
        if (_found.Topic != message.Topic || _found.Number != message.Partition)
        {
            var found = message.Topic == 0 ? null : partitions.Of(MessageDetails.TopicOf(in message), message.Partition);
            _found = (message.Topic, message.Partition, found?.AssignedInPoll == _poll ? null : found);
        }

        return _found.Partition;
    }

    /// <returns>
    /// The end of each partition, where hardly anything is fetched. The loop seeks to the start position once it is known, so
    /// the rebalance does not wait for the store.
    /// </returns>
    public IEnumerable<TopicPartitionOffset> Assigned(List<TopicPartition> assigned)
    {
        var context = handover.LoadContext();
        foreach (var partition in assigned)
        {
            partitions.Put(Create(partition, context));
        }

        return assigned.Select(partition => new TopicPartitionOffset(partition, Offset.End));
    }

    public void Revoked(List<TopicPartitionOffset> revoked) => handover.HandOver(partitions.Remove(revoked), options.DrainTimeout);

    public void Lost(List<TopicPartitionOffset> lost)
    {
        var removed = partitions.Remove(lost);
        foreach (var partition in removed)
        {
            partition.Revoke();
            handover.Retire(partition);
        }

        LogLost(logger, PartitionHandover.Names(removed));
    }

    /// <summary>
    /// The next offset of a partition is out of range, or the next message belongs to another source. The loop first processes and
    /// checkpoints what was fetched before, and then the partition starts over.
    /// </summary>
    public void EndSource(AssignedPartition partition)
    {
        if (!partition.IsEnding)
        {
            partition.IsEnding = true;
            partition.FetchGeneration = -1;
            _ = (partition.Loop?.Requests.FinishAsync() ?? Task.CompletedTask).ContinueWith(_ => wakeup.Set(), TaskScheduler.Default);
        }
    }

    /// <summary>Processes what the loops have requested, and starts the loops whose start position is known.</summary>
    public void ProcessRequests()
    {
        foreach (var partition in partitions.All)
        {
            if (partition.IsEnding || partition.MustStartOver)
            {
                if (partition.Loop is null or { Requests.IsCompleted: true })
                {
                    StartOver(partition);
                }

                continue;
            }

            if (partition.Loop is null && partition.Start is { IsCompletedSuccessfully: true, Result: { } start })
            {
                partition.Begin(start, options.BufferCapacity, (p, buffer, wake) => handover.CreateLoop(start, p, buffer, wake));
                LogBegins(logger, partition.Name, start.StartOffset, start.OpenWindows.Count);
            }

            if (partition.SchemaWait is { IsOver: true } wait)
            {
                partition.SchemaWait = null;
                partition.Return(wait.Offset, wait.Generation);
            }

            if (partition is { IsFetched: true, RequestedSeek: { } seek } && !fetch.TrySeek(partition, seek))
            {
                wakeup.Set();
            }

            if (partition.TakeSpaceFreed() && partition.SchemaWait is null)
            {
                fetch.Resume(partition);
            }
        }
    }

    private void StartOver(AssignedPartition partition)
    {
        partition.Revoke();
        handover.Retire(partition);
        var successor = Create(partition.At, handover.LoadContext());
        successor.MustBeReassigned = successor.IsFetched = true;
        successor.IsPaused = partition.IsPaused;
        partitions.Put(successor);
    }

    private AssignedPartition Create(TopicPartition at, Lazy<Task<StartPositionResolver.RebalanceContext>> context)
    {
        var start = new TaskCompletionSource<StartPosition?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var partition = new AssignedPartition(at, topics.ReaderOf(at.Topic), wakeup, storeOffset)
        {
            Start = start.Task,
            AssignedAt = clock.GetTimestamp(),
            AssignedInPoll = _poll,
        };
        _ = Task.Run(async () =>
        {
            start.SetResult(await handover.ResolveStartAsync(partition, context));
            wakeup.Set();
        });
        return partition;
    }

    [LoggerMessage(1010, LogLevel.Information, "Partition {Partition} begins at offset {Offset} with {OpenWindows} open windows")]
    private static partial void LogBegins(ILogger logger, PartitionName partition, long offset, int openWindows);

    [LoggerMessage(1011, LogLevel.Warning, "Partitions {Partitions} were reassigned to other members")]
    private static partial void LogLost(ILogger logger, string partitions);
}
