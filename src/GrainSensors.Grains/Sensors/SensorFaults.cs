namespace GrainSensors.Grains.Sensors;

/// <summary>The simulated errors of one sensor. Each sensor has its own probability of an error in a reading.</summary>
public sealed class SensorFaults
{
    public const double MinProbability = 0.001;
    public const double MaxProbability = 0.01;

    /// <summary>The smallest deviation, °C.</summary>
    public const double MinDeviation = 5;

    /// <summary>The largest deviation, °C.</summary>
    public const double MaxDeviation = 10;

    private readonly int _seed;
    private readonly int _sensorId;

    /// <param name="probability">The probability of an error in a reading, 0…1; null for the sensor's own, 0.1 to 1 %.</param>
    public SensorFaults(int sensorId, int seed, double? probability = null)
    {
        // The draws must differ from those of the weather, or noise and errors would correlate.
        (_seed, _sensorId) = (~seed, sensorId);
        Probability = probability ?? new SplitMix64(_seed, sensorId, long.MinValue).Next(MinProbability, MaxProbability);
    }

    /// <summary>The probability of an error in a reading, 0…1.</summary>
    public double Probability { get; }

    /// <param name="moment">The time, µs since the epoch.</param>
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

/// <summary>The error of one reading.</summary>
/// <param name="Deviation">The value added to the temperature, °C; 0 for other kinds than a deviation.</param>
public readonly record struct SensorFault(SensorFaultKind Kind, double Deviation);

public enum SensorFaultKind
{
    None = 0,

    /// <summary>The temperature is off by 5 to 10 °C, up or down.</summary>
    Deviation,

    /// <summary>The temperature is null.</summary>
    Disconnected,
}
