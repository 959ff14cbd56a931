namespace GrainSensors.Core.Readings;

/// <summary>A value of a reading.</summary>
/// <param name="Measurement">The number of the measurement in the <see cref="MeasurementCatalog"/>.</param>
/// <param name="Value">A finite number.</param>
public readonly record struct MeasuredValue(int Measurement, double Value);
