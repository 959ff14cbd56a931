using GrainSensors.Contracts.Cluster;
using Orleans.Services;

namespace GrainSensors.Hosting.Status;

/// <summary>Reports the status of a silo; every silo runs one.</summary>
[Alias("GrainSensors.ISiloStatusService")]
internal interface ISiloStatusService : IGrainService
{
    [Alias("GetReport")]
    Task<SiloReport> GetReport();

    /// <summary>Extends the time for which the silo keeps the latest readings by some seconds.</summary>
    /// <returns>The latest readings that the silo has.</returns>
    [Alias("GetLatest")]
    Task<LatestReport> GetLatest();
}
