using System.Collections.Immutable;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;

namespace GrainSensors.Core.Alerts.Rules;

/// <summary>What a rule applies to.</summary>
/// <param name="Measurement">The name of a declared measurement; empty for a rule about the sensor itself.</param>
public sealed record RuleSelector(string Measurement)
{
    /// <summary>The sensors, by id or name; empty: all. A name comes without its number.</summary>
    public ImmutableArray<SensorRef> Sensors { get; init; } = [];

    /// <summary>The sensors have all of these tags in the registry; none: any tags.</summary>
    public SensorTags Tags { get; init; } = SensorTags.None;
}
