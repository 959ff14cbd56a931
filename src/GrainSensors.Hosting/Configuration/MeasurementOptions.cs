using GrainSensors.Core.Readings;

namespace GrainSensors.Hosting.Configuration;

/// <summary>A measured quantity.</summary>
internal sealed record MeasurementOptions
{
    /// <summary>Member of the reading's JSON that holds the value.</summary>
    public string Name { get; init; } = "";

    /// <summary>Unit of the values as they are kept and shown, such as °C; any text, unless <see cref="SentUnit"/> is given.</summary>
    public string? Unit { get; init; }

    /// <summary>Unit of the values as devices send them, such as °F, if it is another one: they are converted.</summary>
    public string? SentUnit { get; init; }

    /// <summary>The unit of the values as they are kept; empty: not known.</summary>
    internal string KeptUnit => Unit?.Trim() ?? MeasurementSet.UsualUnitOf(Name);

    /// <summary>Least plausible value.</summary>
    public double? Min { get; init; }

    /// <summary>Greatest plausible value.</summary>
    public double? Max { get; init; }

    /// <summary>
    /// Whether a reading without a value reports a disconnected probe, if the sensor has sent one before. Unless one says so, the first.
    /// </summary>
    public bool? Primary { get; init; }

    /// <summary>Whether windows keep a sketch of the values, from which percentiles are read, with an error of 1 %.</summary>
    public bool Sketch { get; init; }

    /// <summary>Values by which devices report that they have none, such as -999, -127 or 85, as they are sent; read like null.</summary>
    public IReadOnlyList<double> Missing { get; init; } = [];
}
