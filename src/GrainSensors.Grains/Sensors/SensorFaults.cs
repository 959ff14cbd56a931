namespace GrainSensors.Grains.Sensors;

/// <summary>The errors of one simulated sensor: each reading goes wrong with a probability that is the sensor's own.</summary>
public sealed class SensorFaults
{
    public const double MinProbability = 0.001;
    public const double MaxProbability = 0.01;

    /// <summary>A deviation is at least so large, °C.</summary>
    public const double MinDeviation = 5;

    /// <summary>A deviation is at most so large, °C.</summary>
    public const double MaxDeviation = 10;

    private readonly int _seed;
    private readonly int _sensorId;

    /// <param name="probability">Of an error in one reading, 0…1; null: the sensor's own, 0.1 to 1 %.</param>
    public SensorFaults(int sensorId, int seed, double? probability = null)
    {
        // Not the draws of the weather: its noise would tell when an error comes.
        (_seed, _sensorId) = (~seed, sensorId);
        Probability = probability ?? new SplitMix64(_seed, sensorId, long.MinValue).Next(MinProbability, MaxProbability);
    }

    /// <summary>Of an error in one reading.</summary>
    public double Probability { get; }

    /// <param name="moment">µs since the epoch.</param>
    public SensorFault At(long moment)
    {
        var draw = new SplitMix64(_seed, _sensorId, moment);
        if (draw.Next(0, 1) >= Probability)
        {
            return default;
        }

        if (draw.Next(0, 1) < 0.5)
        {
            return new(SensorFaultKind.Disconnected, 0);
        }

        var sign = draw.Next(0, 1) < 0.5 ? -1 : 1;
        return new(SensorFaultKind.Deviation, sign * Math.Round(draw.Next(MinDeviation, MaxDeviation), 2));
    }
}

/// <summary>What is wrong with one reading.</summary>
/// <param name="Deviation">Added to the temperature, °C; 0 unless the kind says so.</param>
public readonly record struct SensorFault(SensorFaultKind Kind, double Deviation);

public enum SensorFaultKind
{
    None = 0,

    /// <summary>The temperature is off by 5 to 10 °C, up or down.</summary>
    Deviation,

    /// <summary>The temperature is null.</summary>
    Disconnected,
}
