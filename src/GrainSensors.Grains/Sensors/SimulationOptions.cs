namespace GrainSensors.Grains.Sensors;

/// <summary>The options of simulated sensors.</summary>
public sealed class SimulationOptions
{
    /// <summary>The seed of climates, noise and errors. Equal seeds give equal readings.</summary>
    public int Seed { get; set; }
}
