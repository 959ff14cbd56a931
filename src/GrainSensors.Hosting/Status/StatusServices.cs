using GrainSensors.Hosting.Cluster;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Hosting.Status;

internal static class StatusServices
{
    /// <summary>Adds the status of the silo, and of the whole cluster.</summary>
    public static void AddStatus(this ISiloBuilder silo)
    {
        FeatureLevelOptions.AddTo(silo.Services);
        silo.Services.AddSingleton<SiloStatusClient>();
        silo.Services.AddSingleton<LatestLease>();
        silo.AddGrainService<SiloStatusService>();
    }
}
