using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Storage.Alerts;
using GrainSensors.Web.Charts;

namespace GrainSensors.Web.Reports;

/// <summary>One day of one sensor.</summary>
/// <param name="City">Null for a sensor that is not registered, or has no city.</param>
/// <param name="Station">Null for a sensor that is not registered, or has no station.</param>
/// <param name="Readings">Number of readings in the windows of the day.</param>
/// <param name="Missing">Number of expected readings that the windows lack.</param>
/// <param name="Silent">Total length of the windows without readings.</param>
/// <param name="Alerts">Alerts raised, open or cleared within the day, in the order of their raising.</param>
public sealed record SensorDay(
    int SensorId,
    string? City,
    string? Station,
    long Readings,
    long Missing,
    TimeSpan Silent,
    IReadOnlyList<MeasurementDay> Measurements,
    IReadOnlyList<AlertDay> Alerts)
{
    /// <summary>The name of the sensor; null: it has an id.</summary>
    public string? Name { get; init; }

    public SensorRef Sensor => new(SensorId, Name);

    /// <summary>Sum of the time during which each alert was open.</summary>
    public TimeSpan InAlert => Alerts.Aggregate(TimeSpan.Zero, (sum, alert) => sum + alert.Duration);
}

/// <summary>One day of one alert.</summary>
/// <param name="Intervals">The intervals that overlap the day; an open one ends with the day, or with the present time within it.</param>
/// <param name="Duration">Sum of the intervals within the day.</param>
public sealed record AlertDay(Alert Alert, IReadOnlyList<AlertInterval> Intervals, TimeSpan Duration);

/// <summary>One day of one measurement of a sensor.</summary>
/// <param name="Day">Statistics of all readings of the day, merged from the windows.</param>
/// <param name="Hours">
/// Statistics of the 24 hours as clocks show them; an hour without readings has a count of 0. One that clocks show twice has the
/// readings of both.
/// </param>
/// <param name="Windows">Windows with readings, in the order of their starts.</param>
public sealed record MeasurementDay(
    string Name, RunningStatistics Day, IReadOnlyList<RunningStatistics> Hours, IReadOnlyList<ChartPoint> Windows)
{
    /// <summary>The median of all readings of the day; null: not known.</summary>
    public double? P50 { get; init; }

    /// <summary>The value below which 95 % of the readings are; null: not known.</summary>
    public double? P95 { get; init; }

    /// <summary>Empty: not known.</summary>
    public string Unit { get; init; } = "";
}
