using System.Globalization;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Text;
using GrainSensors.Terminal;
using GrainSensors.Web.Formatting;
using GrainSensors.Web.Reports;
using Spectre.Console;

namespace GrainSensors.Report;

/// <summary>Prints the report in a terminal: a line for each measurement of a sensor, and a table of hourly averages.</summary>
internal static class ReportTable
{
    public static void Write(DailyReport report)
    {
        var console = OutputConsole.Create();
        var sensors = Plural.Of(report.Sensors.Count, "sensor");
        var readings = Plural.Of(report.Readings, "reading");
        var missing = Plural.Number(report.Missing);
        console.WriteLine($"{report.DateText} ({report.Day.Zone}), windows of {report.Period}");
        console.WriteLine($"{sensors}, {readings}, {missing} missing, {report.AlertsText}");
        console.Write(Summary(report));
        console.WriteLine("Hourly averages");
        console.Write(Hours(report));
    }

    private static Table Summary(DailyReport report)
    {
        var table = Make(
            "Sensor", "Location", "Measurement", "Min", "Max", "Average", "Readings", "Missing", "Silent", "Alerts", "In alert");
        foreach (var sensor in report.Sensors)
        {
            var alerts = sensor.Alerts.Count == 0 ? "-" : Count(sensor.Alerts.Count);
            var (silent, inAlert) = (DailyReport.DurationText(sensor.Silent), DailyReport.DurationText(sensor.InAlert));
            string[] rest = [Count(sensor.Missing), silent, alerts, inAlert];
            if (sensor.Measurements.Count == 0)
            {
                table.AddRow(Row([Plain(sensor.Sensor), DailyReport.PlaceOf(sensor), "-", "", "", "", "0", .. rest]));
            }

            foreach (var measurement in sensor.Measurements)
            {
                var day = measurement.Day;
                table.AddRow(Row(
                [
                    Plain(sensor.Sensor), DailyReport.PlaceOf(sensor), DisplayFormat.WithUnit(measurement.Name, measurement.Unit),
                    Value(day.Min), Value(day.Max), Value(day.Mean), Count(day.Count), .. rest,
                ]));
            }
        }

        return table;
    }

    private static Table Hours(DailyReport report)
    {
        var hours = Enumerable.Range(0, 24).Select(hour => hour.ToString("00", CultureInfo.InvariantCulture));
        var table = Make(["Sensor", "Measurement", .. hours]);
        foreach (var sensor in report.Sensors)
        {
            foreach (var measurement in sensor.Measurements)
            {
                var name = DisplayFormat.WithUnit(measurement.Name, measurement.Unit);
                table.AddRow(Row([Plain(sensor.Sensor), name, .. measurement.Hours.Select(Hour)]));
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

    private static Text[] Row(string[] cells) => Array.ConvertAll(cells, cell => new Text(PrintableText.Escape(cell)));

    private static string Hour(RunningStatistics hour) => hour.Count == 0 ? "-" : hour.Mean.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Value(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Plain(SensorRef sensor) => PrintableText.Escape($"{sensor}");
}
