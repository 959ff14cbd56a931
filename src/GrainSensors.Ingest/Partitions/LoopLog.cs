using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.Partitions;

/// <summary>The log events of the loop of a partition.</summary>
internal static partial class LoopLog
{
    [LoggerMessage(1100, LogLevel.Information, "Partition {Partition} rewinds to offset {Offset}: {Reason}")]
    public static partial void Rewound(ILogger logger, PartitionName partition, long offset, string reason);

    [LoggerMessage(
        1105,
        LogLevel.Warning,
        "The store was restored or has failed over, or another silo wrote the checkpoint of partition {Partition}; the partition starts "
        + "over from the checkpoint of the store. It was offset {Offset}")]
    public static partial void StartsOver(ILogger logger, PartitionName partition, long offset);

    [LoggerMessage(1102, LogLevel.Error, "Partition {Partition} failed unexpectedly and rewinds to its checkpoint")]
    public static partial void Failed(ILogger logger, Exception exception, PartitionName partition);
}
