using Orleans.CodeGeneration;

namespace GrainSensors.Contracts.Alerts;

/// <summary>Raises alerts about groups of sensors, once in the cluster. Its key is 0.</summary>
[Alias("GrainSensors.IGroupGrain"), Version(1)]
public interface IGroupGrain : IGrainWithIntegerKey
{
    /// <inheritdoc cref="INotifierGrain.Start"/>
    [Alias("Start")]
    Task Start();
}
