namespace GrainSensors.Grains.Sensors;

/// <summary>The weather that simulated sensors report.</summary>
public sealed class SimulationOptions
{
    /// <summary>Another seed, other climates, noise and errors; the same seed, the same.</summary>
    public int Seed { get; set; }
}
