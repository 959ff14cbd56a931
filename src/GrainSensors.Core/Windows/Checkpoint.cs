namespace GrainSensors.Core.Windows;

/// <summary>What has been worked off: everything of the source below the offset is durable.</summary>
/// <param name="NextOffset">The first offset that may not be durable.</param>
/// <param name="StreamTime">How far the partition's stream time had come, µs since the epoch.</param>
/// <param name="OpenFrom">
/// No window with readings below the offset that starts earlier than this has yet to close, µs since the epoch;
/// <see cref="long.MaxValue"/>: none has. It bounds what a new owner must search for open windows.
/// </param>
public sealed record Checkpoint(SourceId Source, long NextOffset, long StreamTime, long OpenFrom);
