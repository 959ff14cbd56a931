namespace GrainSensors.Core.Windows;

/// <summary>The latest stored reading of a sensor.</summary>
/// <param name="Values">A value for each measurement that was asked for; NaN: the reading has none.</param>
public sealed record LatestReading(int SensorId, ReadingOrder Order, double[] Values);
