using System.Collections.Immutable;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Alerts;

/// <summary>The rules by which a sensor is watched.</summary>
/// <param name="Silence">When it is disconnected.</param>
/// <param name="Extremes">By index of the measurement; null: its values are not looked at.</param>
public sealed record AlertRules(SilenceRule Silence, ImmutableArray<ExtremeRule?> Extremes)
{
    /// <summary>
    /// Rules for temperature in °C and relative humidity in %; what other measurements usually do is not known here.
    /// </summary>
    public static AlertRules Default(MeasurementSet measurements) => new(new(), [.. measurements.All.Select(measurement => measurement.Name switch
    {
        "temperature" => new ExtremeRule(),
        "humidity" => new ExtremeRule { MinDeviation = 10, DriftPerHour = 8 },
        _ => null,
    })]);
}
