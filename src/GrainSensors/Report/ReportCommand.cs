using System.CommandLine;
using System.Globalization;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Invocation;
using GrainSensors.Terminal;
using GrainSensors.Web.Formatting;
using GrainSensors.Web.Reports;

namespace GrainSensors.Report;

/// <summary><c>report</c>: a day of each sensor.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var date = new Option<string?>("--date") { HelpName = "YYYY-MM-DD", Description = "The UTC day [default: yesterday]" };
        var format = new Option<string>("--format") { HelpName = "table|csv|json|html", Description = "How it is written", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "csv", "json", "html");
        var output = new Option<string?>("--output") { HelpName = "FILE", Description = "Write it there, all but a table" };
        var sensor = new Option<int[]>("--sensor") { HelpName = "ID", Description = "Only this sensor; may be repeated" };
        var every = new Option<string?>("--every") { HelpName = "DURATION", Description = "How often a sensor is to report, such as 1s or 10m [default: as often as it usually does]" };
        var length = CommonOptions.Period();
        var store = CommonOptions.Store("Where the windows are [default: that of the configuration]");
        var command = new Command(
            "report",
            """
            Report a day of each sensor: minimum, maximum and average of each measurement, hourly averages, readings that are
            missing, alerts, and for how long the sensor was silent.

              grainsensors report --date 2026-11-22
              grainsensors report --date 2026-11-22 --format html --output report.html

            The HTML is one file with a chart for each sensor, to be mailed or put anywhere. Can run beside the pipeline.
            """)
        {
            date, format, output, sensor, every, length, store,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(output) is not null && result.GetResult(format)?.Tokens is not [{ Value: not "table" }])
            {
                result.AddError("--output needs a --format of csv, json or html.");
            }
        });
        command.SetAction(async (result, cancellationToken) =>
        {
            var settings = PipelineSettings.Load(CommonOptions.Overrides(("Period", result.GetValue(length)), ("Store", result.GetValue(store))));
            var period = settings.Ingest.Period;
            if (period.TotalMicros > DayReader.DayMicros)
            {
                throw new UsageException($"Windows of {period} are longer than a day; give a --period of P1D or shorter that is stored.");
            }

            var now = EpochTime.Now(TimeProvider.System);
            var day = Day(result.GetValue(date));
            var from = EpochTime.From(new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
            var interval = result.GetValue(every) is { } step ? OptionValues.Duration("--every", step) : (TimeSpan?)null;
            await using var windows = StoreFactory.Open(settings);
            var sensors = result.GetValue(sensor) is { Length: > 0 } ids ? ids : null;
            var days = await new DayReader(windows, period, from, now, interval).ReadAsync(sensors, cancellationToken);
            await WriteAsync(new(day, period, interval, days), result.GetRequiredValue(format), result.GetValue(output));
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task WriteAsync(DailyReport report, string format, string? output)
    {
        if (format == "table")
        {
            ReportTable.Write(report);
            return;
        }

        var text = format switch
        {
            "csv" => await ReportCsv.WriteAsync(report),
            "json" => JsonOutput.Of(ReportBody.Of(report)) + "\n",
            _ => await ReportHtml.RenderAsync(report),
        };
        if (output is null)
        {
            Console.Write(text);
            return;
        }

        await OutputFile.WriteAsync(output, file => file.WriteAsync(text));
    }

    private static DateOnly Day(string? text) =>
        text is null ? DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(-1)
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is > 1 and < 9999 ? day
        : throw new UsageException($"--date {text} is no day; give one such as 2026-11-22.");
}
