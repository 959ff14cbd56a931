using GrainSensors.Core.Readings;

namespace GrainSensors.Sources.Mapping;

/// <summary>Which names of values are valid: those that a measurement may have.</summary>
internal static class ValueName
{
    private static readonly DiscoveryRules Any = new();

    public static bool IsValid(ReadOnlySpan<byte> utf8) => SensorName.IsPlain(utf8) || Any.Cover(utf8);
}
