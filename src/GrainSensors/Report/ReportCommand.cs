using System.CommandLine;
using System.Globalization;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Invocation;
using GrainSensors.Storage;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Windows;
using GrainSensors.Terminal;
using GrainSensors.Web.Formatting;
using GrainSensors.Web.Reports;

namespace GrainSensors.Report;

/// <summary><c>report</c>: one day of each sensor.</summary>
internal static class ReportCommand
{
    private const string AsTable = "table";

    public static Command Create()
    {
        var date = CommonOptions.Parsed<DateOnly?>("--date", "YYYY-MM-DD", "The day [default: yesterday]", Day);
        var zone = new Option<string?>("--time-zone")
        {
            HelpName = "ZONE",
            Description = "Time zone of the day and its hours, such as Europe/Madrid [default: UTC]",
        };
        var format = CommonOptions.Choice("--format", $"Output format [default: {AsTable}]", AsTable, "csv", "json", "html");
        var output = new Option<string?>("--output")
        {
            HelpName = "FILE",
            Description = "Output file (csv, json and html only) [default: standard output]",
        };
        var sensor = CommonOptions.Sensors();
        var formulas = new Option<bool>("--keep-formulas")
        {
            Description = "Write texts as they are into CSV; otherwise an apostrophe precedes one that a spreadsheet would run",
        };
        var every = CommonOptions.Duration(
            "--every", "Expected interval between readings, such as 1s or 10m [default: the usual interval of each sensor]");
        var length = CommonOptions.Period();
        var store = CommonOptions.Store($"Store of the windows {CommonOptions.FromConfiguration}");
        var command = new Command(
            "report",
            """
            Report one day of each sensor

              grainsensors report --date 2026-11-22
              grainsensors report --date 2026-11-22 --format html --output report.html
              grainsensors report --date 2026-11-22 --time-zone Europe/Madrid

            The report has minimum, maximum, average and hourly averages of each measurement, missing readings, alerts,
            and the time without readings. The HTML report is one file with a chart for each sensor. The command can run
            beside the pipeline.
            """)
        {
            date, zone, format, output, formulas, sensor, every, length, store,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(output) is not null && result.GetResult(format)?.Tokens is not [{ Value: not AsTable }])
            {
                result.AddError("--output requires --format csv, json or html.");
            }
        });
        command.SetAction(async (result, cancellationToken) =>
        {
            var settings = PipelineSettings.Load(CommonOptions.Overrides(
                ("Period", result.GetValue(length)), ("Store", result.GetValue(store))));
            var period = settings.Periods.Pane;
            if (period.TotalMicros > DayReader.DayMicros)
            {
                throw new UsageException($"--period must be at most one day for a report; got \"{period}\".");
            }

            var now = EpochTime.Now(TimeProvider.System);
            var day = DayOf(result.GetValue(date), result.GetValue(zone) ?? LocalDay.Utc, period, now);
            period = settings.Periods.PeriodFor(day, now);
            var interval = result.GetValue(every);
            OutputFile.Require(result.GetValue(output), settings.Store.File);
            await using var windows = await StoreFactory.OpenExistingAsync(settings, cancellationToken);
            int[]? sensors = result.GetValue(sensor) is { Length: > 0 } wanted
                ? [.. (await windows.Names.WithNumbersAsync(wanted, cancellationToken)).Select(found => found.Id)]
                : null;
            var days = await new DayReader(windows, settings.Measurements, period, day, now, interval)
                .ReadAsync(sensors, cancellationToken);
            if (days.All(sensor => sensor.Readings == 0))
            {
                await RequirePeriodAsync(windows, period, new(day.From, day.To, sensors), cancellationToken);
            }

            await WriteAsync(
                new(day, period, interval, days),
                result.GetValue(format) ?? AsTable,
                result.GetValue(output),
                result.GetValue(formulas));
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>The report is empty: tells a day without readings apart from one whose windows have another length.</summary>
    private static async Task RequirePeriodAsync(IStore store, Period period, WindowQuery day, CancellationToken cancellationToken)
    {
        await foreach (var row in store.QueryAsync(day, cancellationToken))
        {
            var other = row.Key.Period;
            if (other != period)
            {
                throw new UsageException(
                    $"{store.Description} has no windows of {period} on this day, but of {other}; give --period {other}.");
            }
        }
    }

    private static async Task WriteAsync(DailyReport report, string format, string? output, bool keepsFormulas)
    {
        if (format == AsTable)
        {
            ReportTable.Write(report);
            return;
        }

        var text = format switch
        {
            "csv" => await ReportCsv.WriteAsync(report, keepsFormulas),
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

    private static LocalDay DayOf(DateOnly? date, string zone, Period period, long now)
    {
        try
        {
            var today = LocalDay.DateAt(now, zone);
            var day = LocalDay.Of(date ?? today.AddDays(-1), zone);
            return day.Date > today ? throw new UsageException($"--date {day.Date:yyyy-MM-dd} is in the future.")
                : day.IsUtc || day.HasWhole(period) ? day
                : throw new UsageException(
                    $"A day must consist of whole windows of {period}; with --time-zone {zone} it lasts from "
                    + $"{EpochTime.ToIso8601(day.From)} to {EpochTime.ToIso8601(day.To)}.");
        }
        catch (FormatException e)
        {
            throw new UsageException($"--time-zone: {e.Message}");
        }
    }

    private static DateOnly? Day(string option, string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        && day.Year is > 1 and < 9999
            ? day
            : throw new UsageException($"{option} must be a day such as 2026-11-22; got \"{text}\".");
}
