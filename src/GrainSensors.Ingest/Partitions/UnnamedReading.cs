using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Ingest.Partitions;

/// <summary>A reading of a sensor whose name has no number that is known. Its place is among the readings of the batch.</summary>
/// <param name="Name">The name as UTF-8.</param>
/// <param name="Message">The message, in case that the name gets no number.</param>
internal sealed record UnnamedReading(byte[] Name, DeadLetter Message);
