using System.Globalization;
using System.Text;
using GrainSensors.Core.Statistics;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Web.Reports;

/// <summary>The report for other programs: CSV and JSON. Numbers are in the form that reads back as the same double.</summary>
internal static class ReportData
{
    public static string Json(DailyReport report) => JsonOutput.Of(ReportBody.Of(report));

    /// <returns>A line for each measurement of a sensor; one without readings has a line without values.</returns>
    public static string Csv(DailyReport report)
    {
        var text = new StringBuilder("date,sensor_id,city,station,measurement,readings,min,max,avg,stddev,missing,silent_seconds,alerts");
        for (var hour = 0; hour < 24; hour++)
        {
            text.Append(CultureInfo.InvariantCulture, $",avg_{hour:00}");
        }

        text.Append('\n');
        foreach (var sensor in report.Sensors)
        {
            foreach (var measurement in sensor.Measurements.Count == 0 ? [Nothing] : sensor.Measurements)
            {
                var day = measurement.Day;
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{report.DateText},{sensor.SensorId},{Quote(sensor.City)},{Quote(sensor.Station)},{Quote(measurement.Name)},{day.Count},");
                text.Append(day.Count == 0 ? ",,,," : $"{Number(day.Min)},{Number(day.Max)},{Number(day.Mean)},{Number(day.PopulationStandardDeviation)},");
                text.Append(CultureInfo.InvariantCulture, $"{sensor.Missing},{sensor.Silent.TotalSeconds:0},{sensor.Alerts.Count}");
                foreach (var hour in measurement.Hours)
                {
                    text.Append(',').Append(hour.Count == 0 ? "" : Number(hour.Mean));
                }

                text.Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static MeasurementDay Nothing { get; } = new("", default, new RunningStatistics[24], []);

    private static string Quote(string? text) =>
        text is null ? "" : text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
