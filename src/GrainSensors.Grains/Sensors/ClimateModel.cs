using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Grains.Sensors;

/// <summary>The weather at one simulated sensor, a pure function of seed, sensor and time.</summary>
/// <remarks>
/// Temperature is the sum of a yearly wave, a daily wave and noise; humidity falls as temperature rises. The daily wave is lowest at
/// 05:00 UTC and highest at 15:00, with half a cosine between them. The yearly wave sets the values at these two times only, so that
/// its slope does not shift them.
/// </remarks>
public sealed class ClimateModel
{
    /// <summary>The largest deviation of noise from the expected temperature, °C.</summary>
    public const double MaxNoise = 1;

    private const long Hour = 3600 * EpochTime.MicrosPerSecond;
    private const long Lowest = 5 * Hour;
    private const long Rise = 10 * Hour;
    private const long Fall = 14 * Hour;

    /// <summary>A mean Gregorian year.</summary>
    private const double Year = 365.2425 * 24 * Hour;

    /// <summary>The warmest day, 20 July: air temperature lags behind the sun by a month.</summary>
    private const long Warmest = 200 * 24 * Hour;

    /// <summary>Half of the last reported digit, so that rounded noise stays within its bound.</summary>
    private const double Rounding = 0.005;

    private const double HumidityPerDegree = -1.8;
    private static readonly Period Day = Period.FromSeconds(24 * 3600);

    private readonly int _seed;
    private readonly int _sensorId;
    private readonly double _meanHumidity;

    public ClimateModel(int sensorId, int seed)
    {
        (_seed, _sensorId) = (seed, sensorId);
        var draw = new SplitMix64(seed, sensorId, long.MinValue);
        MeanTemperature = draw.Next(4, 20);
        YearlyAmplitude = draw.Next(5, 12);
        DailyAmplitude = draw.Next(2, 6);
        _meanHumidity = draw.Next(50, 70);
    }

    /// <summary>The mean temperature over years, °C.</summary>
    public double MeanTemperature { get; }

    /// <summary>The excess of the warmest day over the mean, °C.</summary>
    public double YearlyAmplitude { get; }

    /// <summary>The excess of 15:00 over the mean of the day, °C.</summary>
    public double DailyAmplitude { get; }

    /// <param name="moment">The time, µs since the epoch.</param>
    /// <returns>The temperature without noise, °C.</returns>
    public double ExpectedTemperature(long moment)
    {
        var lowest = Day.StartOf(moment - Lowest) + Lowest;
        var highest = lowest + Rise;
        var risen = (double)(moment - lowest) / Rise;
        if (moment > highest)
        {
            lowest = highest + Fall;
            risen = (double)(lowest - moment) / Fall;
        }

        var low = Season(lowest) - DailyAmplitude;
        var high = Season(highest) + DailyAmplitude;
        return low + ((high - low) * (1 - Math.Cos(Math.PI * risen)) / 2);
    }

    /// <param name="moment">The time, µs since the epoch.</param>
    /// <returns>The temperature in °C with two decimals, and the relative humidity in % with one.</returns>
    public (double Temperature, double Humidity) At(long moment)
    {
        var draw = new SplitMix64(_seed, _sensorId, moment);
        var expected = ExpectedTemperature(moment);
        var temperature = expected + draw.Next(-MaxNoise + Rounding, MaxNoise - Rounding);
        var humidity = _meanHumidity + (HumidityPerDegree * (expected - MeanTemperature)) + draw.Next(-2, 2);
        return (Math.Round(temperature, 2), Math.Round(Math.Clamp(humidity, 5, 100), 1));
    }

    private double Season(long moment) => MeanTemperature + (YearlyAmplitude * Math.Cos(2 * Math.PI * (moment - Warmest) / Year));
}
