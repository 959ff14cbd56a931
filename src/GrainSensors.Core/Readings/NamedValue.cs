namespace GrainSensors.Core.Readings;

/// <summary>A value of a measurement that is known by its name only.</summary>
public readonly record struct NamedValue(string Name, double Value);
