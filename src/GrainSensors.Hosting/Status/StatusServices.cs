using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Hosting.Status;

internal static class StatusServices
{
    /// <summary>The silo reports its status and answers for the whole cluster.</summary>
    public static void AddStatus(this ISiloBuilder silo)
    {
        silo.Services.AddSingleton<SiloStatusClient>();
        silo.Services.AddSingleton<LatestLease>();
        silo.AddGrainService<SiloStatusService>();
    }
}
