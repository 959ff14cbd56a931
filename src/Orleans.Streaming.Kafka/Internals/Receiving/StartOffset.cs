using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Clients;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>
/// Finds the offset where reading of a partition starts. It is a number, because a consumer cannot seek in a partition that was
/// assigned with a logical offset.
/// </summary>
internal sealed partial class StartOffset(KafkaClients clients, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Retries until Kafka answers.</summary>
    /// <param name="isRecreated">Whether a committed offset may belong to a deleted topic of the same name.</param>
    /// <param name="stored">The checkpoint that the application keeps; null means the committed offset.</param>
    public Task<long> FindAsync(TopicPartition partition, bool isRecreated, long? stored, CancellationToken cancellationToken) =>
        RetryPolicy.ExecuteAsync(
        stop => Task.Run(() => Find(partition, isRecreated, stored), stop),
        e => LogQueryFailed(logger, partition.ToString(), clients.Redact(e.Message)),
        clock,
        cancellationToken);

    private long Find(TopicPartition partition, bool isRecreated, long? stored)
    {
        using var consumer = clients.OffsetReader();
        var committed = consumer.Committed([partition], RequestTimeout)[0].Offset;
        var ends = consumer.QueryWatermarkOffsets(partition, RequestTimeout);
        if (committed < 0 || isRecreated)
        {
            // The group has offsets of all partitions that existed when the provider started for the first time, so this one was added
            // later, with messages for the subscribers of its streams. The commit makes the next reader start here as well.
            consumer.Commit([new TopicPartitionOffset(partition, ends.Low)]);
            if (isRecreated || stored is null)
            {
                return ends.Low;
            }
        }

        var next = stored ?? committed.Value;
        if (next < ends.Low || next > ends.High)
        {
            // Retention has deleted the messages, or the topic was deleted and created again.
            LogOutOfRange(logger, partition.ToString(), next, ends.Low, ends.High);
            return ends.Low;
        }

        return next;
    }

    [LoggerMessage(6051, LogLevel.Warning, "Could not query the start offset of {Partition}; retrying: {Reason}")]
    private static partial void LogQueryFailed(ILogger logger, string partition, string reason);

    [LoggerMessage(6052, LogLevel.Error,
        "The committed offset {Committed} of {Partition} is outside the offsets {Low} to {High} in Kafka: messages may be lost. "
        + "Reading starts at {Low}")]
    private static partial void LogOutOfRange(ILogger logger, string partition, long committed, long low, long high);
}
