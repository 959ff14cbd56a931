using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;

namespace GrainSensors.Hosting.Cluster;

/// <param name="Level">The level of this silo.</param>
internal sealed record FeatureLevelOptions(int Level)
{
    /// <summary>An environment variable that makes a silo of this version behave as an older one, for tests of upgrades.</summary>
    private const string Variable = "GRAINSENSORS_FEATURE_LEVEL";

    /// <summary>Adds the feature level of the cluster, and states that of this silo.</summary>
    public static void AddTo(IServiceCollection services)
    {
        var level = int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var lower)
            ? Math.Min(lower, FeatureLevel.OfProgram)
            : FeatureLevel.OfProgram;
        services.AddSingleton(new FeatureLevelOptions(level));
        services.AddSingleton<IGrainInterfacePropertiesProvider, FeatureLevel.Statement>();
        services.AddSingleton<FeatureLevel>();
        services.AddHostedService(provider => provider.GetRequiredService<FeatureLevel>());
    }
}
