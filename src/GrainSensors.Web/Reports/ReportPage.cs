using System.Globalization;
using System.Net;
using System.Text;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Statistics;
using GrainSensors.Storage.Alerts;
using GrainSensors.Web.Charts;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Web.Reports;

/// <summary>The report as one HTML page that needs nothing else: styles and charts are in it, there is no script.</summary>
internal static class ReportPage
{
    private static readonly string[] Colors = ["#c0392b", "#2471a3", "#1e8449", "#7d3c98", "#b9770e", "#34495e", "#a04000", "#117a65"];

    private const string Style =
        """
        body{font:14px/1.45 -apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;color:#1d2430;background:#f4f6f8;margin:0}
        main{max-width:860px;margin:0 auto;padding:24px 20px}
        h1{font-size:22px;margin:0 0 4px}h2{font-size:17px;margin:0 0 2px}
        p.sub{color:#5a6475;margin:0 0 16px}
        section{background:#fff;border:1px solid #e1e5ea;border-radius:8px;padding:16px 18px;margin:0 0 16px}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
        th{font-weight:600;color:#5a6475;font-size:12px;text-align:right;border-bottom:1px solid #d5dae1}
        td{text-align:right;border-bottom:1px solid #eef0f3}
        th,td{padding:4px 7px;white-space:nowrap}
        th.l,td.l{text-align:left}
        .hours td,.hours th{padding:3px 4px;font-size:11px}
        .none{color:#a8b0bc}.bad{color:#c62828;font-weight:600}.warn{color:#b36b00;font-weight:600}
        @media(max-width:640px){main{padding:16px 10px}section{padding:12px}.days td:first-child{white-space:normal;min-width:90px}.days th,.days td{padding:4px 5px}}
        .scroll{overflow-x:auto}svg{min-width:560px}.name{font-size:12px;font-weight:600;margin:12px 0 0}
        ul{margin:8px 0 0;padding-left:18px}
        """;

    public static string Of(DailyReport report, long from)
    {
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
        page.Append(CultureInfo.InvariantCulture, $"<title>Sensors on {report.DateText}</title><style>\n{Style}\n</style></head><body><main>\n");
        page.Append(CultureInfo.InvariantCulture, $"<h1>Sensors on {report.DateText}</h1>\n<p class=\"sub\">{Sub(report)}</p>\n");
        AppendSummary(page, report);
        var chart = new DayChart(from, report.Period.TotalMicros);
        foreach (var sensor in report.Sensors)
        {
            AppendSensor(page, sensor, chart);
        }

        return page.Append("</main></body></html>\n").ToString();
    }

    private static string Sub(DailyReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"UTC, windows of {report.Period}. {report.Sensors.Count:N0} sensors, {report.Readings:N0} readings, {report.Missing:N0} missing "
        + $"({(report.Every is { } every ? $"one is expected every {every.TotalSeconds:0.###} s" : "by what each sensor usually reports")}), {report.AlertsText}.");

    private static void AppendSummary(StringBuilder page, DailyReport report)
    {
        page.Append("<section><div class=\"scroll\"><table class=\"days\"><tr><th class=\"l\">Sensor</th><th class=\"l\">Measurement</th><th>Min</th><th>Max</th><th>Average</th><th>Readings</th><th>Missing</th><th>Silent</th><th>Alerts</th></tr>\n");
        foreach (var sensor in report.Sensors)
        {
            var place = DailyReport.PlaceOf(sensor);
            var name = $"{sensor.SensorId.ToString(CultureInfo.InvariantCulture)}{(place.Length == 0 ? "" : $" · {WebUtility.HtmlEncode(place)}")}";
            var rest = $"<td>{Number(sensor.Missing)}</td><td>{DailyReport.DurationText(sensor.Silent)}</td><td>{Number(sensor.Alerts.Count)}</td>";
            if (sensor.Measurements.Count == 0)
            {
                page.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"l\">{name}</td><td class=\"l bad\" colspan=\"5\">no reading</td>{rest}</tr>\n");
            }

            foreach (var (measurement, index) in sensor.Measurements.Select((measurement, index) => (measurement, index)))
            {
                var day = measurement.Day;
                page.Append(
                    CultureInfo.InvariantCulture,
                    $"<tr><td class=\"l\">{(index == 0 ? name : "")}</td><td class=\"l\">{WebUtility.HtmlEncode(measurement.Name)}</td><td>{day.Min:0.00}</td><td>{day.Max:0.00}</td><td>{day.Mean:0.00}</td><td>{day.Count:N0}</td>{(index == 0 ? rest : "<td></td><td></td><td></td>")}</tr>\n");
            }
        }

        page.Append("</table></div></section>\n");
    }

    private static void AppendSensor(StringBuilder page, SensorDay sensor, DayChart chart)
    {
        var place = DailyReport.PlaceOf(sensor);
        page.Append(CultureInfo.InvariantCulture, $"<section><h2>Sensor {sensor.SensorId}{(place.Length == 0 ? "" : $" · {WebUtility.HtmlEncode(place)}")}</h2>\n");
        page.Append(
            CultureInfo.InvariantCulture,
            $"<p class=\"sub\" style=\"margin-bottom:4px\">{sensor.Readings:N0} readings, {sensor.Missing:N0} missing, silent {(sensor.Silent == TimeSpan.Zero ? "never" : DailyReport.DurationText(sensor.Silent))}</p>\n");
        foreach (var (measurement, index) in sensor.Measurements.Select((measurement, index) => (measurement, index)))
        {
            var about = sensor.Alerts.Where(alert => alert.Measurement.Length == 0 || alert.Measurement == measurement.Name).ToList();
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"name\">{WebUtility.HtmlEncode(measurement.Name)}</p>\n<div class=\"scroll\">{chart.Draw(measurement, Colors[index % Colors.Length], about)}</div>\n");
        }

        AppendHours(page, sensor);
        AppendAlerts(page, sensor.Alerts);
        page.Append("</section>\n");
    }

    private static void AppendHours(StringBuilder page, SensorDay sensor)
    {
        if (sensor.Measurements.Count == 0)
        {
            return;
        }

        page.Append("<div class=\"scroll\"><table class=\"hours\"><tr><th class=\"l\">Average by the hour</th>");
        page.Append(string.Concat(Enumerable.Range(0, 24).Select(hour => string.Create(CultureInfo.InvariantCulture, $"<th>{hour:00}</th>"))));
        page.Append("</tr>\n");
        foreach (var measurement in sensor.Measurements)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"l\">{WebUtility.HtmlEncode(measurement.Name)}</td>{string.Concat(measurement.Hours.Select(Hour))}</tr>\n");
        }

        page.Append("</table></div>\n");
    }

    private static void AppendAlerts(StringBuilder page, IReadOnlyList<Alert> alerts)
    {
        if (alerts.Count == 0)
        {
            return;
        }

        page.Append("<ul>");
        foreach (var alert in alerts)
        {
            var end = alert.ClearedAt is { } cleared ? $"cleared {DisplayFormat.Time(cleared)}" : "open";
            page.Append(
                CultureInfo.InvariantCulture,
                $"<li><span class=\"{(alert.Level == AlertLevel.Error ? "bad" : "warn")}\">{WebUtility.HtmlEncode(alert.Message)}</span>, raised {DisplayFormat.Time(alert.RaisedAt)}, {end}{(alert.Occurrences > 1 ? string.Create(CultureInfo.InvariantCulture, $", {alert.Occurrences} times") : "")}</li>");
        }

        page.Append("</ul>\n");
    }

    private static string Hour(RunningStatistics hour) => hour.Count == 0
        ? "<td class=\"none\">–</td>"
        : string.Create(CultureInfo.InvariantCulture, $"<td>{hour.Mean:0.0}</td>");

    private static string Number(long number) => number == 0 ? "-" : number.ToString("N0", CultureInfo.InvariantCulture);
}
