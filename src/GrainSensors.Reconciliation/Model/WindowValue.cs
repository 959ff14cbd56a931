namespace GrainSensors.Reconciliation.Model;

/// <summary>A value that counts.</summary>
/// <param name="Measurement">The position of the measurement in the list of those that were asked for.</param>
/// <param name="Start">The start of the window, µs since the epoch.</param>
/// <param name="At">The time of the value, or the start of its step, µs since the epoch.</param>
internal readonly record struct WindowValue(int SensorId, int Measurement, long Start, long At, double Value);
