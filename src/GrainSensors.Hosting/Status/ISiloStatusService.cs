using GrainSensors.Contracts.Cluster;
using Orleans.Services;

namespace GrainSensors.Hosting.Status;

/// <summary>Runs on every silo and tells how that one stands.</summary>
[Alias("GrainSensors.ISiloStatusService")]
internal interface ISiloStatusService : IGrainService
{
    [Alias("GetReport")]
    Task<SiloReport> GetReport();

    /// <summary>Has the silo keep the latest readings for some seconds more.</summary>
    /// <returns>Those that it kept until now.</returns>
    [Alias("GetLatest")]
    Task<LatestReport> GetLatest();
}
