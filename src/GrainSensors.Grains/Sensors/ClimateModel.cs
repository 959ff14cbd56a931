using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Grains.Sensors;

/// <summary>
/// The weather at one sensor: a yearly and a daily wave of temperature with noise, and humidity that falls as the
/// temperature rises. A pure function of seed, sensor and moment.
/// </summary>
/// <remarks>
/// The day is asymmetric: lowest at 05:00 UTC, highest at 15:00, half a cosine between each of them and the next.
/// The yearly wave sets the height of the turning points only, so that its slope cannot shift their times.
/// </remarks>
public sealed class ClimateModel
{
    /// <summary>Noise is within this of the expected temperature, °C.</summary>
    public const double MaxNoise = 1;

    private const long Hour = 3600 * EpochTime.MicrosPerSecond;
    private const long Lowest = 5 * Hour;
    private const long Rise = 10 * Hour;
    private const long Fall = 14 * Hour;

    /// <summary>A mean Gregorian year.</summary>
    private const double Year = 365.2425 * 24 * Hour;

    /// <summary>20 July: the air lags behind the sun by a month.</summary>
    private const long Warmest = 200 * 24 * Hour;

    /// <summary>Half of the last digit that is reported: noise keeps within its bound when it is rounded.</summary>
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

    /// <summary>Over the years, °C.</summary>
    public double MeanTemperature { get; }

    /// <summary>Of the midsummer day over the mean, °C.</summary>
    public double YearlyAmplitude { get; }

    /// <summary>Of 15:00 over the day, °C.</summary>
    public double DailyAmplitude { get; }

    /// <param name="moment">µs since the epoch.</param>
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

    /// <param name="moment">µs since the epoch.</param>
    /// <returns>°C in hundredths, and relative humidity in tenths of a percent.</returns>
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
