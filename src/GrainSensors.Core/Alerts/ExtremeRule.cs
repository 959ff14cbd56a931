namespace GrainSensors.Core.Alerts;

/// <summary>
/// The rule by which a value of one measurement is extreme, and its defaults. Times are in µs, values in the unit of the measurement.
/// </summary>
/// <remarks>
/// A value is extreme if it is outside the limits, or if its deviation from the sensor's own <see cref="Baseline"/> exceeds both
/// <see cref="MinDeviation"/> and <see cref="Sigmas"/> times the standard deviation.
/// </remarks>
public sealed record ExtremeRule
{
    /// <summary>The lower limit; values below it are extreme regardless of the baseline. NaN for no limit.</summary>
    public double Low { get; init; } = double.NaN;

    /// <summary>The upper limit; values above it are extreme regardless of the baseline. NaN for no limit.</summary>
    public double High { get; init; } = double.NaN;

    /// <summary>The distance inside the limits at which an alert about a limit clears.</summary>
    public double LimitHysteresis { get; init; } = 1;

    /// <summary>The smallest deviation that is extreme; infinity for limits only.</summary>
    public double MinDeviation { get; init; } = 3;

    /// <summary>The multiple of the standard deviation that an extreme deviation exceeds.</summary>
    public double Sigmas { get; init; } = 4;

    /// <summary>The share of the threshold below which the deviation clears an alert.</summary>
    /// <remarks>
    /// An event ends more slowly than it begins. At half of the threshold the alert covers the tail of the event, and noise around
    /// the threshold raises one alert only.
    /// </remarks>
    public double ClearFraction { get; init; } = 0.5;

    /// <summary>The number of readings before the baseline takes effect; outliers count, but do not enter the baseline.</summary>
    public int WarmUp { get; init; } = 60;

    /// <summary>The time constant of the baseline: long compared with an event, short compared with a day.</summary>
    public long TimeConstant { get; init; } = 1_800_000_000;

    /// <summary>
    /// The drift per hour that is expected between two readings. It widens the threshold of the second reading and does not count in
    /// the variance.
    /// </summary>
    public double DriftPerHour { get; init; } = 2;

    /// <summary>The time after which a lasting deviation becomes the baseline.</summary>
    public long LevelShiftAfter { get; init; } = 3_600_000_000;

    /// <summary>The number of consecutive extreme readings that raise an alert.</summary>
    public int DwellReadings { get; init; } = 1;

    /// <summary>The least time between the first of them and the alert.</summary>
    public long DwellTime { get; init; }

    /// <summary>The time after its clearing within which an alert reopens.</summary>
    public long CoolDown { get; init; } = DisconnectionRule.DefaultCoolDown;

    /// <param name="margin">The least distance inside the limits.</param>
    internal bool IsOutside(double value, double margin) => value < Low + margin || value > High - margin;
}
