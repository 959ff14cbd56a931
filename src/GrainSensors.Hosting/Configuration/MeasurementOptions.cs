namespace GrainSensors.Hosting.Configuration;

/// <summary>A measured quantity.</summary>
internal sealed record MeasurementOptions
{
    /// <summary>Member of the reading's JSON that holds the value.</summary>
    public string Name { get; init; } = "";

    /// <summary>Least plausible value.</summary>
    public double? Min { get; init; }

    /// <summary>Greatest plausible value.</summary>
    public double? Max { get; init; }

    /// <summary>
    /// Whether a reading without a value reports a disconnected probe, if the sensor has sent one before. Unless one says so, the first.
    /// </summary>
    public bool? Primary { get; init; }

    /// <summary>Values by which devices report that they have none, such as -999, -127 or 85; read like null.</summary>
    public IReadOnlyList<double> Missing { get; init; } = [];
}
