using System.Globalization;
using GrainSensors.Contracts.Cluster;
using Orleans.Metadata;

namespace GrainSensors.Hosting.Cluster;

/// <summary>States the feature level of this silo in its grain manifest, as a property of a grain interface that every silo has.</summary>
internal sealed class FeatureLevelStatement(FeatureLevelOptions options) : IGrainInterfacePropertiesProvider
{
    private const string Property = "grainsensors.feature-level";

    public void Populate(Type interfaceType, GrainInterfaceType grainInterfaceType, Dictionary<string, string> properties)
    {
        if (interfaceType == typeof(IClusterStatusGrain))
        {
            properties[Property] = options.Level.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <returns>null: the silo states none.</returns>
    public static int? Find(GrainManifest manifest) => manifest.Interfaces.Values
        .Select(type => type.Properties.GetValueOrDefault(Property))
        .Where(text => text is not null)
        .Select(text => int.TryParse(text, CultureInfo.InvariantCulture, out var level) ? level : (int?)null)
        .FirstOrDefault();
}
