using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;

namespace GrainSensors.Web.Reports;

/// <summary>The report as JSON.</summary>
/// <param name="Date">The day.</param>
/// <param name="Period">Length of the windows that the report is computed from, an ISO 8601 duration.</param>
/// <param name="EverySeconds">Interval at which sensors are expected to report; null: the usual one of each sensor.</param>
/// <param name="TimeZone">That of the day and its hours.</param>
internal sealed record ReportBody(
    string Date, string Period, double? EverySeconds, IReadOnlyList<SensorDayBody> Sensors, string TimeZone)
{
    public static ReportBody Of(DailyReport report) => new(
        report.DateText, report.Period.ToString(), report.Every?.TotalSeconds, [.. report.Sensors.Select(SensorDayBody.Of)],
        report.Day.Zone);
}

/// <param name="Missing">Number of expected readings that the windows lack.</param>
/// <param name="SilentSeconds">Total length of the windows without readings.</param>
/// <param name="Alerts">Alerts raised, open or cleared within the day.</param>
/// <param name="AlertSeconds">Sum of the time during which each alert was open within the day.</param>
internal sealed record SensorDayBody(
    SensorRef SensorId,
    string? City,
    string? Station,
    long Readings,
    long Missing,
    double SilentSeconds,
    IReadOnlyList<MeasurementDayBody> Measurements,
    IReadOnlyList<AlertDayBody> Alerts,
    double AlertSeconds)
{
    public static SensorDayBody Of(SensorDay day) => new(
        day.Sensor, day.City, day.Station, day.Readings, day.Missing, day.Silent.TotalSeconds,
        [.. day.Measurements.Select(MeasurementDayBody.Of)], [.. day.Alerts.Select(AlertDayBody.Of)], day.InAlert.TotalSeconds);
}

/// <param name="Unit">Null: not known.</param>
/// <param name="Day">Statistics of all readings of the day.</param>
/// <param name="P50">The median, within 1 %; null: the measurement has no sketch.</param>
/// <param name="P95">95 % of the readings are below; null: the measurement has no sketch.</param>
/// <param name="Hours">Statistics of the 24 hours as clocks show them; null for an hour without readings.</param>
internal sealed record MeasurementDayBody(
    string Name, string? Unit, ReadingsBody Day, IReadOnlyList<ReadingsBody?> Hours, double? P50, double? P95)
{
    public static MeasurementDayBody Of(MeasurementDay measurement) =>
        new(
            measurement.Name,
            measurement.Unit.Length == 0 ? null : measurement.Unit,
            ReadingsBody.Of(measurement.Day),
            [.. measurement.Hours.Select(hour => hour.Count == 0 ? null : ReadingsBody.Of(hour))],
            measurement.P50,
            measurement.P95);
}

/// <param name="StandardDeviation">The population's.</param>
internal sealed record ReadingsBody(long Readings, double? Min, double? Max, double? Average, double? StandardDeviation)
{
    public static ReadingsBody Of(RunningStatistics s) =>
        new(s.Count, Finite(s.Min), Finite(s.Max), Finite(s.Mean), Finite(s.PopulationStandardDeviation));

    /// <summary>Null for NaN and infinity, which JSON cannot express; sums of very large doubles reach them.</summary>
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

/// <param name="Measurement">Empty for an alert about the sensor as a whole.</param>
/// <param name="ClearedAt">Null while the alert is open.</param>
/// <param name="Seconds">Time during which the alert was open within the day.</param>
internal sealed record AlertDayBody(
    Guid Id,
    string Measurement,
    string Kind,
    string Level,
    string RaisedAt,
    string? ClearedAt,
    int Occurrences,
    string Message,
    double Seconds)
{
    public static AlertDayBody Of(AlertDay day) => new(
        day.Alert.Id,
        day.Alert.Measurement,
        day.Alert.Kind.Name(),
        day.Alert.Level.Name(),
        EpochTime.ToIso8601(day.Alert.RaisedAt),
        day.Alert.ClearedAt is { } cleared ? EpochTime.ToIso8601(cleared) : null,
        day.Alert.Occurrences,
        day.Alert.Message,
        day.Duration.TotalSeconds);
}
