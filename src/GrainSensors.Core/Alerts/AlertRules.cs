using System.Collections.Immutable;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Alerts;

/// <summary>The rules by which a sensor is watched.</summary>
/// <param name="Disconnection">The rule for disconnection.</param>
/// <param name="Extremes">The rules for extreme values by index of the measurement; null for a measurement that is not watched.</param>
public sealed record AlertRules(DisconnectionRule Disconnection, ImmutableArray<ExtremeRule?> Extremes)
{
    /// <summary>The default rules: for temperature in °C and relative humidity in %. Other measurements have no default rule.</summary>
    public static AlertRules Default(MeasurementSet measurements) => new(new(), [.. measurements.All.Select(DefaultFor)]);

    private static ExtremeRule? DefaultFor(Measurement measurement) => measurement.Name switch
    {
        "temperature" => new(),
        "humidity" => new() { MinDeviation = 10, DriftPerHour = 8 },
        _ => null,
    };
}
