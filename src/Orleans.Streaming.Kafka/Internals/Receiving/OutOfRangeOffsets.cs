using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Clients;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>Continues a partition whose next offset is not in Kafka.</summary>
internal sealed partial class OutOfRangeOffsets(KafkaClients clients, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Continues at the oldest offset if retention has deleted the next one. A partition that is shorter than before must start again:
    /// other messages have its offsets, and nothing that is cached continues there. Retries until Kafka answers.
    /// </summary>
    /// <param name="continueAt">Called with the offset to read next.</param>
    /// <param name="restart">Called for a partition that must start again.</param>
    public async Task ContinueAsync(
        FetchedPartition fetched, Action<long> continueAt, Action<TopicPartition> restart, CancellationToken cancellationToken)
    {
        var (partition, next) = (fetched.Partition, fetched.Next);
        try
        {
            var resolved = await RetryPolicy.ExecuteAsync(
                stop => Task.Run(() => Resolve(partition, next), stop),
                e => LogQueryFailed(logger, partition.ToString(), clients.Redact(e.Message)),
                clock,
                cancellationToken);
            if (resolved is { } offset)
            {
                continueAt(offset);
            }
            else
            {
                restart(partition);
            }
        }
        catch (OperationCanceledException)
        {
            // The provider has stopped.
        }
    }

    private long? Resolve(TopicPartition partition, long next)
    {
        using var consumer = clients.OffsetReader();
        var ends = consumer.QueryWatermarkOffsets(partition, RequestTimeout);
        LogOutOfRange(logger, next, partition.ToString(), ends.Low, ends.High);
        return next <= ends.High ? Math.Max(next, ends.Low) : null;
    }

    [LoggerMessage(6025, LogLevel.Error,
        "The next offset {Next} of {Partition} is outside the offsets {Low} to {High} in Kafka: messages may be lost. "
        + "Reading continues at the oldest message, or at the committed offset of a partition that was shortened")]
    private static partial void LogOutOfRange(ILogger logger, long next, string partition, long low, long high);

    [LoggerMessage(6026, LogLevel.Warning, "Could not query the offsets of {Partition}; retrying: {Reason}")]
    private static partial void LogQueryFailed(ILogger logger, string partition, string reason);
}
