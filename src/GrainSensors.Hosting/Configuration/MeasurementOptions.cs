namespace GrainSensors.Hosting.Configuration;

/// <summary>A measured quantity.</summary>
internal sealed record MeasurementOptions
{
    /// <summary>Member of the reading's JSON that holds the value.</summary>
    public string Name { get; init; } = "";

    /// <summary>Least plausible value.</summary>
    public double Min { get; init; }

    /// <summary>Greatest plausible value.</summary>
    public double Max { get; init; }
}
