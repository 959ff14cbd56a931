using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>The checkpoint of a partition that an application keeps: the next offset as a decimal number.</summary>
internal sealed partial class PartitionCheckpoint(
    IStreamQueueCheckpointer<string> checkpointer, string partition, long? stored, TimeProvider clock, ILogger logger)
{
    /// <summary>The next offset of the last reader; null without a checkpoint.</summary>
    public long? Stored => stored;

    /// <summary>Notes the next offset. The checkpointer decides when it stores it.</summary>
    public void Update(long next)
    {
        try
        {
            checkpointer.Update(
                next.ToString(CultureInfo.InvariantCulture), clock.GetUtcNow().UtcDateTime, CancellationToken.None);
        }
        catch (Exception e)
        {
            LogNotStored(logger, partition, next, e.Message);
        }
    }

    /// <summary>Stores what was noted. A failure means that the next reader delivers messages again.</summary>
    public async Task FlushAsync(long? next, CancellationToken cancellationToken)
    {
        if (next is not { } offset)
        {
            return;
        }

        Update(offset);
        try
        {
            await checkpointer.FlushAsync(cancellationToken);
        }
        catch (Exception e)
        {
            LogNotStored(logger, partition, offset, e.Message);
        }
    }

    [LoggerMessage(6055, LogLevel.Warning,
        "Could not store the checkpoint {Offset} of {Partition}; messages from the last checkpoint on may be delivered again: {Reason}")]
    private static partial void LogNotStored(ILogger logger, string partition, long offset, string reason);
}
