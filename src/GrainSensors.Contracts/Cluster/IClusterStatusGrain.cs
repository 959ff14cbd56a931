namespace GrainSensors.Contracts.Cluster;

/// <summary>How the cluster stands, asked of any of its silos. Key: 0.</summary>
[Alias("GrainSensors.IClusterStatusGrain")]
public interface IClusterStatusGrain : IGrainWithIntegerKey
{
    /// <returns>A report for each member that is not dead, by its address. One that does not answer in time has only its address, and the reason.</returns>
    [Alias("GetReports")]
    Task<SiloReport[]> GetReports();
}
