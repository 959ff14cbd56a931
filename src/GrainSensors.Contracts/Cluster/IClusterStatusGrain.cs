using Orleans.CodeGeneration;

namespace GrainSensors.Contracts.Cluster;

/// <summary>Reports the status of the cluster; every silo can answer. The key is 0.</summary>
[Alias("GrainSensors.IClusterStatusGrain"), Version(1)]
public interface IClusterStatusGrain : IGrainWithIntegerKey
{
    /// <returns>
    /// A report for each member that is not dead, ordered by address. The report of a member that does not answer in time holds its
    /// address and the reason only.
    /// </returns>
    [Alias("GetReports")]
    Task<SiloReport[]> GetReports();
}
