using GrainSensors.Hosting.Cluster;
using GrainSensors.Ingest.Partitions;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;

namespace GrainSensors.Hosting.Status;

internal static class StatusServices
{
    /// <summary>Adds the status of the silo and of the whole cluster, and its feature level.</summary>
    public static void AddStatus(this ISiloBuilder silo)
    {
        silo.Services.AddSingleton(FeatureLevelOptions.Read());
        silo.Services.AddSingleton<IGrainInterfacePropertiesProvider, FeatureLevelStatement>();
        silo.Services.AddSingleton<FeatureLevel>();
        silo.Services.AddHostedService(services => services.GetRequiredService<FeatureLevel>());
        silo.Services.AddSingleton<LaterFormIsKnown>(services =>
        {
            var level = services.GetRequiredService<FeatureLevel>();
            return () => level.Current >= FeatureLevelOptions.OfSensorNames;
        });
        silo.Services.AddSingleton<SiloStatusClient>();
        silo.Services.AddSingleton<LatestLease>();
        silo.AddGrainService<SiloStatusService>();
    }
}
