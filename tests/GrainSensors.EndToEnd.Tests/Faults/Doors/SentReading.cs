namespace GrainSensors.EndToEnd.Tests.Faults.Doors;

/// <param name="Place">The number of the sensor among those of all doors.</param>
/// <param name="Seconds">Since the epoch.</param>
internal readonly record struct SentReading(int Place, long Seconds, double Value);
