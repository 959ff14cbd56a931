using System.Globalization;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>Opens the checkpoints of partitions that an application keeps instead of Kafka's consumer group.</summary>
internal sealed class PartitionCheckpoints(IStreamQueueCheckpointerFactory factory, TimeProvider clock, ILogger logger)
{
    /// <exception cref="KafkaStreamException">The checkpoint is not an offset.</exception>
    public async Task<PartitionCheckpoint> OpenAsync(TopicPartition partition, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{partition.Topic}/{partition.Partition.Value}");
        var checkpointer = await factory.Create(name, cancellationToken);
        var stored = await checkpointer.Load(cancellationToken);
        if (!checkpointer.CheckpointExists || string.IsNullOrEmpty(stored))
        {
            return new(checkpointer, name, null, clock, logger);
        }

        return long.TryParse(stored, NumberStyles.None, CultureInfo.InvariantCulture, out var next)
            ? new(checkpointer, name, next, clock, logger)
            : throw new KafkaStreamException(
                $"The checkpoint of the partition \"{name}\" must be the next offset, a number of at least 0; got \"{stored}\".");
    }
}
