using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Clients;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>Finds where the reading of a partition goes on, as a number: a partition that is read from a logical offset cannot be sought.</summary>
internal sealed partial class StartOffset(KafkaClients clients, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>Tries until Kafka answers.</summary>
    public async Task<long> FindAsync(TopicPartition partition, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await Task.Run(() => Find(partition), cancellationToken);
            }
            catch (KafkaException e)
            {
                LogUnknown(logger, partition.ToString(), clients.Redact(e.Error.Reason));
            }

            await Task.Delay(RetryInterval, clock, cancellationToken);
        }
    }

    private long Find(TopicPartition partition)
    {
        using var consumer = clients.OffsetReader();
        var committed = consumer.Committed([partition], RequestTimeout)[0].Offset;
        var ends = consumer.QueryWatermarkOffsets(partition, RequestTimeout);
        if (committed < 0)
        {
            // Committed at once: whoever has the partition next goes on here, whatever has become of what came meanwhile.
            var start = clients.Options.StartPosition == KafkaStartPosition.Earliest ? ends.Low : ends.High;
            consumer.Commit([new TopicPartitionOffset(partition, start)]);
            return start;
        }

        if (committed < ends.Low || committed > ends.High)
        {
            // By retention, or since it is another topic of that name.
            LogOutOfRange(logger, partition.ToString(), committed, ends.Low, ends.High);
            return ends.Low;
        }

        return committed;
    }

    [LoggerMessage(6051, LogLevel.Warning, "It is not known yet where {Partition} goes on: {Reason}")]
    private static partial void LogUnknown(ILogger logger, string partition, string reason);

    [LoggerMessage(6052, LogLevel.Error, "Reading {Partition} should go on at offset {Committed}, but Kafka has {Low} to {High}: messages may be lost. It goes on at {Low}")]
    private static partial void LogOutOfRange(ILogger logger, string partition, long committed, long low, long high);
}
