using System.Globalization;
using GrainSensors.Core.Statistics;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Web.Reports;

/// <summary>The report as CSV: a line for each measurement of a sensor, and one without values for a sensor without readings.</summary>
internal static class ReportCsv
{
    private static readonly MeasurementDay NoMeasurement = new("", default, new RunningStatistics[24], []);

    /// <param name="keepsFormulas">See <see cref="CsvWriter"/>.</param>
    public static async Task<string> WriteAsync(DailyReport report, bool keepsFormulas)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        var csv = new CsvWriter(text, keepsFormulas);
        csv.Add("date", "sensor_id", "city", "station", "measurement", "readings", "min", "max", "avg", "stddev")
            .Add("missing", "silent_seconds", "alerts");
        for (var hour = 0; hour < 24; hour++)
        {
            csv.Add(string.Create(CultureInfo.InvariantCulture, $"avg_{hour:00}"));
        }

        await csv.Add("alert_seconds").Add("unit").Add("time_zone").Add("p50").Add("p95").EndLineAsync();
        foreach (var sensor in report.Sensors)
        {
            foreach (var measurement in sensor.Measurements.Count == 0 ? [NoMeasurement] : sensor.Measurements)
            {
                Add(csv.Add(report.DateText), sensor, measurement);
                await csv.Add(report.Day.Zone).Add(measurement.P50).Add(measurement.P95).EndLineAsync();
            }
        }

        return text.ToString();
    }

    private static void Add(CsvWriter csv, SensorDay sensor, MeasurementDay measurement)
    {
        var day = measurement.Day;
        csv.Add($"{sensor.Sensor}").Add(sensor.City).Add(sensor.Station).Add(measurement.Name).Add(day.Count)
            .Add(Of(day, day.Min)).Add(Of(day, day.Max)).Add(Of(day, day.Mean)).Add(Of(day, day.PopulationStandardDeviation))
            .Add(sensor.Missing).Add(Math.Round(sensor.Silent.TotalSeconds)).Add(sensor.Alerts.Count);
        foreach (var hour in measurement.Hours)
        {
            csv.Add(Of(hour, hour.Mean));
        }

        csv.Add(Math.Round(sensor.InAlert.TotalSeconds)).Add(measurement.Unit);
    }

    private static double? Of(RunningStatistics readings, double value) => readings.Count == 0 ? null : value;
}
