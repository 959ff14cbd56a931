using Confluent.Kafka;
using GrainSensors.Ingest.Configuration;
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
    PartitionHandover handover,
    PartitionFetch fetch,
    ConsumerWakeup wakeup,
    Action<int, long> storeOffset,
    IngestOptions options,
    TimeProvider clock,
    ILogger logger)
{
    private int _poll;

    /// <summary>The next poll begins.</summary>
    public void PollBegins() => _poll++;

    /// <returns>The partition if its messages in this poll belong to its assignment. Null otherwise.</returns>
    public AssignedPartition? Find(int number) =>
        partitions.Of(number) is { } partition && partition.AssignedInPoll != _poll ? partition : null;

    /// <returns>
    /// The end of each partition, where hardly anything is fetched. The loop seeks to the start position once it is known, so
    /// the rebalance does not wait for the store.
    /// </returns>
    public IEnumerable<TopicPartitionOffset> Assigned(List<TopicPartition> assigned)
    {
        var context = handover.LoadContext();
        foreach (var partition in assigned)
        {
            partitions.Put(Create(partition.Partition, context));
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
    public void EndSource(int number)
    {
        if (partitions.Of(number) is { IsEnding: false } partition)
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
                LogBegins(logger, partition.Partition, start.StartOffset, start.OpenWindows.Count);
            }

            if (partition is { IsFetched: true, RequestedSeek: { } seek } && !fetch.TrySeek(partition, seek))
            {
                wakeup.Set();
            }

            if (partition.TakeSpaceFreed())
            {
                fetch.Resume(partition);
            }
        }
    }

    private void StartOver(AssignedPartition partition)
    {
        partition.Revoke();
        handover.Retire(partition);
        var successor = Create(partition.Partition, handover.LoadContext());
        successor.MustBeReassigned = successor.IsFetched = true;
        successor.IsPaused = partition.IsPaused;
        partitions.Put(successor);
    }

    private AssignedPartition Create(int number, Lazy<Task<StartPositionResolver.RebalanceContext>> context)
    {
        var start = new TaskCompletionSource<StartPosition?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var partition = new AssignedPartition(number, wakeup, storeOffset)
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
    private static partial void LogBegins(ILogger logger, int partition, long offset, int openWindows);

    [LoggerMessage(1011, LogLevel.Warning, "Partitions {Partitions} were reassigned to other members")]
    private static partial void LogLost(ILogger logger, string partitions);
}
