using GrainSensors.Core.Alerts;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Web.Reports;

/// <summary>The report as JSON has it: of the command in camel case, of the API in snake case.</summary>
/// <param name="Date">The UTC day.</param>
/// <param name="Period">Of the windows that it is made of, an ISO 8601 duration.</param>
/// <param name="EverySeconds">How often sensors are to report; null: judged by what each of them usually does.</param>
internal sealed record ReportBody(string Date, string Period, double? EverySeconds, IReadOnlyList<SensorDayBody> Sensors)
{
    public static ReportBody Of(DailyReport report) =>
        new(report.DateText, report.Period.ToString(), report.Every?.TotalSeconds, [.. report.Sensors.Select(SensorDayBody.Of)]);
}

/// <param name="Missing">How many fewer readings there are than were to be expected.</param>
/// <param name="SilentSeconds">The time of windows without any reading.</param>
/// <param name="Alerts">Raised, open or cleared within the day.</param>
internal sealed record SensorDayBody(
    int SensorId,
    string? City,
    string? Station,
    long Readings,
    long Missing,
    double SilentSeconds,
    IReadOnlyList<MeasurementDayBody> Measurements,
    IReadOnlyList<AlertDayBody> Alerts)
{
    public static SensorDayBody Of(SensorDay day) => new(
        day.SensorId, day.City, day.Station, day.Readings, day.Missing, day.Silent.TotalSeconds,
        [.. day.Measurements.Select(MeasurementDayBody.Of)], [.. day.Alerts.Select(AlertDayBody.Of)]);
}

/// <param name="Hours">24 of them; null: an hour without readings.</param>
internal sealed record MeasurementDayBody(string Name, ReadingsBody Day, IReadOnlyList<ReadingsBody?> Hours)
{
    public static MeasurementDayBody Of(MeasurementDay measurement) =>
        new(measurement.Name, ReadingsBody.Of(measurement.Day), [.. measurement.Hours.Select(hour => hour.Count == 0 ? null : ReadingsBody.Of(hour))]);
}

/// <param name="StandardDeviation">That of the population.</param>
internal sealed record ReadingsBody(long Readings, double? Min, double? Max, double? Average, double? StandardDeviation)
{
    public static ReadingsBody Of(RunningStatistics s) => new(s.Count, Finite(s.Min), Finite(s.Max), Finite(s.Mean), Finite(s.PopulationStandardDeviation));

    /// <summary>JSON has no NaN and no infinity, in which sums of the greatest doubles can end.</summary>
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

/// <param name="Measurement">Empty: the alert is about the sensor as such.</param>
/// <param name="ClearedAt">Null: it is open.</param>
internal sealed record AlertDayBody(
    Guid Id, string Measurement, string Kind, string Level, string RaisedAt, string? ClearedAt, int Occurrences, string Message)
{
    public static AlertDayBody Of(Alert alert) => new(
        alert.Id,
        alert.Measurement,
        alert.Kind.Name(),
        alert.Level.Name(),
        EpochTime.ToIso8601(alert.RaisedAt),
        alert.ClearedAt is { } cleared ? EpochTime.ToIso8601(cleared) : null,
        alert.Occurrences,
        alert.Message);
}
