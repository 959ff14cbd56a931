using Orleans.Runtime.Services;

namespace GrainSensors.Hosting.Status;

/// <summary>Finds the service of a silo.</summary>
internal sealed class SiloStatusClient(IServiceProvider services) : GrainServiceClient<ISiloStatusService>(services)
{
    public ISiloStatusService Of(SiloAddress silo) => GetGrainService(silo);
}
