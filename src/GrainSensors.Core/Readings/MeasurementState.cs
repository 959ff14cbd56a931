namespace GrainSensors.Core.Readings;

/// <summary>What a process knows of a measurement.</summary>
public enum MeasurementState
{
    /// <summary>Windows, other silos or waiting readings have it. Its name is not stored, and values do not count.</summary>
    Known,

    /// <summary>Its name is stored. Values of readings count.</summary>
    Admitted,

    /// <summary>The configuration names it. Values of readings count.</summary>
    Declared,
}
