namespace GrainSensors.Core.Alerts;

/// <summary>When a value of one measurement counts as extreme. All times in µs, values in the measurement's unit.</summary>
/// <remarks>
/// Deviations are from the sensor's own <see cref="Baseline"/>. A reading is extreme when it is further from it than both
/// <see cref="MinDeviation"/> and <see cref="Sigmas"/> times the usual spread, or outside the limits.
/// </remarks>
public sealed record ExtremeRule
{
    /// <summary>Values below are extreme whatever the sensor usually reads; NaN: no limit.</summary>
    public double Low { get; init; } = double.NaN;

    /// <summary>Values above are extreme whatever the sensor usually reads; NaN: no limit.</summary>
    public double High { get; init; } = double.NaN;

    /// <summary>So far inside the limits an alert clears that they raised.</summary>
    public double LimitHysteresis { get; init; } = 1;

    /// <summary>Infinity: deviations are not looked at.</summary>
    public double MinDeviation { get; init; } = 3;

    public double Sigmas { get; init; } = 4;

    /// <summary>
    /// An alert clears when the deviation is below this share of what raises one: half way back, so that it covers the tail of
    /// what it tells of, which is slower than its onset, and noise about the threshold raises it once.
    /// </summary>
    public double ClearFraction { get; init; } = 0.5;

    /// <summary>Readings before the baseline is trusted; those among them that are far from most count, but are no part of it.</summary>
    public int WarmUp { get; init; } = 60;

    /// <summary>The baseline forgets with this time constant: long against an event, short against a day.</summary>
    public long TimeConstant { get; init; } = 1_800_000_000;

    /// <summary>What a value may drift by in an hour between two readings: that much widens the threshold of the second, and is no spread.</summary>
    public double DriftPerHour { get; init; } = 2;

    /// <summary>A deviation that lasts as long as this is how things are now.</summary>
    public long LevelShiftAfter { get; init; } = 3_600_000_000;

    /// <summary>So many extreme readings in a row raise an alert.</summary>
    public int DwellReadings { get; init; } = 1;

    /// <summary>And the first of them is this long ago.</summary>
    public long DwellTime { get; init; }

    /// <summary>Raised again within this after it cleared, the alert reopens.</summary>
    public long CoolDown { get; init; } = 300_000_000;

    /// <param name="margin">How far inside the limits a value must be at least.</param>
    internal bool IsOutside(double value, double margin) => value < Low + margin || value > High - margin;
}
