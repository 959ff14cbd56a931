using GrainSensors.Core.Windows;

namespace GrainSensors.Contracts.Windows;

/// <summary>The window grains that are active on this silo.</summary>
public interface IWindowActivations
{
    /// <returns>Null: it is not active here.</returns>
    IWindowActivation? Find(int sensorId, Period period);
}
