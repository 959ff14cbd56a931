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
    public Task<long> FindAsync(TopicPartition partition, CancellationToken cancellationToken) => RetryPolicy.ExecuteAsync(
        stop => Task.Run(() => Find(partition), stop),
        e => LogQueryFailed(logger, partition.ToString(), clients.Redact(e.Message)),
        clock,
        cancellationToken);

    private long Find(TopicPartition partition)
    {
        using var consumer = clients.OffsetReader();
        var committed = consumer.Committed([partition], RequestTimeout)[0].Offset;
        var ends = consumer.QueryWatermarkOffsets(partition, RequestTimeout);
        if (committed < 0)
        {
            // The commit makes the next reader start here, regardless of what happens to the messages until then.
            var start = clients.Options.StartPosition == KafkaStartPosition.Earliest ? ends.Low : ends.High;
            consumer.Commit([new TopicPartitionOffset(partition, start)]);
            return start;
        }

        if (committed < ends.Low || committed > ends.High)
        {
            // Retention has deleted the messages, or the topic was deleted and created again.
            LogOutOfRange(logger, partition.ToString(), committed, ends.Low, ends.High);
            return ends.Low;
        }

        return committed;
    }

    [LoggerMessage(6051, LogLevel.Warning, "Could not query the start offset of {Partition}; retrying: {Reason}")]
    private static partial void LogQueryFailed(ILogger logger, string partition, string reason);

    [LoggerMessage(6052, LogLevel.Error,
        "The committed offset {Committed} of {Partition} is outside the offsets {Low} to {High} in Kafka: messages may be lost. "
        + "Reading starts at {Low}")]
    private static partial void LogOutOfRange(ILogger logger, string partition, long committed, long low, long high);
}
