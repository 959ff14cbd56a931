namespace GrainSensors.Ingest.Streams;

/// <summary>A message of the topic of closed windows.</summary>
/// <param name="Partition">The partition of the message.</param>
/// <param name="Offset">The offset of the message.</param>
/// <param name="SensorId">The sensor of the window.</param>
/// <param name="Json">The unchanged message, in one line.</param>
public sealed record ClosedWindowEvent(int Partition, long Offset, int SensorId, ReadOnlyMemory<byte> Json);
