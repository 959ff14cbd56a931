namespace GrainSensors.Core.Windows;

/// <summary>What has been worked off: everything of the source below the offset is durable.</summary>
/// <param name="NextOffset">The first offset that may not be durable.</param>
/// <param name="StreamTime">How far the partition's stream time had come, µs since the epoch.</param>
public sealed record Checkpoint(SourceId Source, long NextOffset, long StreamTime);
