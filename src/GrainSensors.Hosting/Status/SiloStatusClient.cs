using Orleans.Runtime.Services;

namespace GrainSensors.Hosting.Status;

/// <summary>Calls the status service of a silo.</summary>
internal sealed class SiloStatusClient(IServiceProvider services) : GrainServiceClient<ISiloStatusService>(services)
{
    public ISiloStatusService Of(SiloAddress silo) => GetGrainService(silo);
}
