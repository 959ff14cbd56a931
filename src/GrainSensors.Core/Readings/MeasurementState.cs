namespace GrainSensors.Core.Readings;

/// <summary>What a process knows of a measurement.</summary>
public enum MeasurementState
{
    /// <summary>Stored windows or other silos have it. Values of readings do not count.</summary>
    Known,

    /// <summary>Readings have it. Their batches wait until its name is stored, or refused.</summary>
    Proposed,

    /// <summary>Its name is stored. Values of readings count.</summary>
    Admitted,

    /// <summary>The configuration names it. Values of readings count.</summary>
    Declared,
}
