using System.Globalization;

namespace GrainSensors.Hosting.Cluster;

/// <param name="Level">The level of this silo.</param>
internal sealed record FeatureLevelOptions(int Level)
{
    /// <summary>From this level on a silo takes readings of sensors with names, and knows their numbers.</summary>
    public const int OfSensorNames = 2;

    /// <summary>The level of this program. The first version that has one has 1.</summary>
    public const int OfProgram = OfSensorNames;

    /// <summary>An environment variable that makes a silo of this version behave as an older one, for tests of upgrades.</summary>
    private const string Variable = "GRAINSENSORS_FEATURE_LEVEL";

    public static FeatureLevelOptions Read() =>
        new(int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var lower)
            ? Math.Min(lower, OfProgram)
            : OfProgram);
}
