using GrainSensors.Core.Readings;

namespace GrainSensors.Ingest.Streams;

/// <summary>A message of the topic of closed windows.</summary>
/// <param name="Partition">The partition of the message.</param>
/// <param name="Offset">The offset of the message.</param>
/// <param name="Sensor">The sensor of the window; a name comes without its number.</param>
/// <param name="Json">The unchanged message, in one line.</param>
public sealed record ClosedWindowEvent(int Partition, long Offset, SensorRef Sensor, ReadOnlyMemory<byte> Json);
