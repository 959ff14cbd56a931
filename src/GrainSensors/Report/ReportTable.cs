using System.Globalization;
using GrainSensors.Core.Statistics;
using GrainSensors.Web.Reports;
using Spectre.Console;

namespace GrainSensors.Report;

/// <summary>The report for a terminal: a line for each measurement of a sensor, and its hourly averages below each other.</summary>
internal static class ReportTable
{
    /// <summary>Lines must not break where there is no screen to break them at.</summary>
    private const int WidthOfPipe = 400;

    public static void Write(DailyReport report)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings());
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = WidthOfPipe;
        }

        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.DateText} (UTC), windows of {report.Period}: {report.Sensors.Count:N0} sensors, {report.Readings:N0} readings, {report.Missing:N0} missing, {report.AlertsText}"));
        console.Write(Summary(report));
        console.WriteLine("Averages by the hour");
        console.Write(Hours(report));
    }

    private static Table Summary(DailyReport report)
    {
        var table = Make("Sensor", "Place", "Measurement", "Min", "Max", "Average", "Readings", "Missing", "Silent", "Alerts");
        foreach (var sensor in report.Sensors)
        {
            string[] rest = [Count(sensor.Missing), DailyReport.DurationText(sensor.Silent), sensor.Alerts.Count == 0 ? "-" : Count(sensor.Alerts.Count)];
            if (sensor.Measurements.Count == 0)
            {
                table.AddRow(Row([Plain(sensor.SensorId), DailyReport.PlaceOf(sensor), "-", "", "", "", "0", .. rest]));
            }

            foreach (var measurement in sensor.Measurements)
            {
                var day = measurement.Day;
                table.AddRow(Row(
                [
                    Plain(sensor.SensorId), DailyReport.PlaceOf(sensor), measurement.Name, Value(day.Min), Value(day.Max), Value(day.Mean), Count(day.Count), .. rest,
                ]));
            }
        }

        return table;
    }

    private static Table Hours(DailyReport report)
    {
        var table = Make(["Sensor", "Measurement", .. Enumerable.Range(0, 24).Select(hour => hour.ToString("00", CultureInfo.InvariantCulture))]);
        foreach (var sensor in report.Sensors)
        {
            foreach (var measurement in sensor.Measurements)
            {
                table.AddRow(Row([Plain(sensor.SensorId), measurement.Name, .. measurement.Hours.Select(Hour)]));
            }
        }

        return table;
    }

    private static Table Make(params string[] columns)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(column.ToUpperInvariant()).NoWrap());
        }

        return table;
    }

    private static Text[] Row(string[] cells) => Array.ConvertAll(cells, cell => new Text(cell));

    private static string Hour(RunningStatistics hour) => hour.Count == 0 ? "-" : hour.Mean.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Value(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Plain(int id) => id.ToString(CultureInfo.InvariantCulture);
}
