namespace GrainSensors.Contracts.Cluster;

/// <summary>How a partition stands at its owner.</summary>
/// <param name="IsReady">Its start is known and it is being worked off.</param>
/// <param name="Position">The next offset to be taken into windows.</param>
/// <param name="Checkpointed">Everything below is durable.</param>
/// <param name="CheckpointedAt">When that became so; UTC; null: not since the partition is here.</param>
/// <param name="Lag">Messages in the log that are not yet in a window.</param>
/// <param name="OpenWindows">Windows that have not closed.</param>
/// <param name="Trouble">What it waits for; null: nothing.</param>
[GenerateSerializer, Immutable, Alias("GrainSensors.PartitionReport")]
public sealed record PartitionReport(
    [property: Id(0)] int Partition,
    [property: Id(1)] bool IsReady,
    [property: Id(2)] long Position,
    [property: Id(3)] long Checkpointed,
    [property: Id(4)] DateTime? CheckpointedAt,
    [property: Id(5)] long Lag,
    [property: Id(6)] long OpenWindows,
    [property: Id(7)] string? Trouble);
