using System.Text.Json.Serialization;

namespace GrainSensors.Contracts.Cluster;

/// <summary>The status of a partition at its owner.</summary>
/// <param name="IsReady">Whether the start offset is known and the partition is processed.</param>
/// <param name="Position">The next offset to be added to windows.</param>
/// <param name="Checkpointed">The offset below which everything is durable.</param>
/// <param name="CheckpointedAt">The time of the last checkpoint, UTC; null if there was none since the assignment.</param>
/// <param name="Lag">The number of messages in Kafka that are not yet in a window.</param>
/// <param name="OpenWindows">The number of open windows.</param>
/// <param name="Trouble">Why the partition waits; null if it does not wait.</param>
/// <param name="StalledSince">Since when the partition waits, UTC; null if it does not wait.</param>
/// <param name="StreamTime">The stream time, UTC; null while it is unknown. It stands still while readings cannot be read.</param>
/// <param name="SourceTopic">The topic, if it is that of a source; null: the topic of readings.</param>
[GenerateSerializer, Immutable, Alias("GrainSensors.PartitionReport")]
public sealed record PartitionReport(
    [property: Id(0)] int Partition,
    [property: Id(1)] bool IsReady,
    [property: Id(2)] long Position,
    [property: Id(3)] long Checkpointed,
    [property: Id(4)] DateTime? CheckpointedAt,
    [property: Id(5)] long Lag,
    [property: Id(6)] long OpenWindows,
    [property: Id(7)] string? Trouble,
    [property: Id(8)] DateTime? StalledSince = null,
    [property: Id(9)] DateTime? StreamTime = null,
    [property: Id(10)] string? SourceTopic = null)
{
    /// <summary>The number, or <c>TOPIC-NUMBER</c> for the topic of a source.</summary>
    [JsonIgnore]
    public string Name => SourceTopic is null ? $"{Partition}" : $"{SourceTopic}-{Partition}";
}
