using System.Globalization;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage;
using GrainSensors.Web.Api.Description;
using GrainSensors.Web.Reports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>The daily report, the same as <c>grainsensors report</c> prints.</summary>
internal static class ReportsEndpoint
{
    private static readonly (string Word, Format Value)[] Formats = [("json", Format.Json), ("csv", Format.Csv), ("html", Format.Html)];

    private static readonly (string Word, bool Keeps)[] Formulas = [("escape", false), ("keep", true)];

    public static void MapReports(this IEndpointRouteBuilder api) => api.MapGet("/reports/{date}", GetAsync)
        .WithTags("Reports").WithName("GetReport")
        .WithSummary("Returns the report of a day: extremes, hourly averages, missing readings, silence and alerts of each sensor")
        .WithMetadata(new Revalidated())
        .Takes(
            new("date", "a day such as 2026-11-24"),
            new("tz", "time zone of the day and its hours, such as Europe/Madrid; UTC by default"),
            ApiParameter.SensorIds,
            ApiParameter.Sensors,
            new("every", "expected interval between readings, such as 1s, 10m or PT10M; by default the usual rate of each sensor"),
            ApiParameter.OneOf("format", "html is one file with charts", Formats.Select(format => format.Word), otherwise: "json"),
            ApiParameter.OneOf(
                "formulas",
                "escape: a text of the CSV that a spreadsheet takes for a formula begins with an apostrophe",
                Formulas.Select(formulas => formulas.Word),
                otherwise: "escape"))
        .Produces<ReportBody>(StatusCodes.Status200OK, "application/json", "text/csv", "text/html");

    private static async Task<Results<Ok<ReportBody>, ContentHttpResult>> GetAsync(
        IStore store,
        MeasurementSet measurements,
        PeriodSettings periods,
        TimeProvider clock,
        string date,
        string? tz,
        [FromQuery(Name = "sensor_id")] string? sensorId,
        string[]? sensor,
        string? every,
        string? format,
        string? formulas,
        CancellationToken cancellationToken)
    {
        var now = EpochTime.Now(clock);
        var day = Day(date, string.IsNullOrEmpty(tz) ? LocalDay.Utc : tz, periods.Pane, now);
        var period = periods.PeriodFor(day, now);

        var shape = ApiQuery.Choice("format", format, Formats) ?? Format.Json;
        var keepsFormulas = ApiQuery.Choice("formulas", formulas, Formulas) ?? false;
        var sensors = await ApiQuery.SensorsAsync(store.Names, sensorId, sensor, cancellationToken);
        var interval = Every(every);
        var reader = new DayReader(store, measurements, period, day, now, interval);
        var days = await reader.ReadAsync(sensors.Count > 0 ? [.. sensors.Select(wanted => wanted.Id)] : null, cancellationToken);
        var report = new DailyReport(day, period, interval, days);
        return shape switch
        {
            Format.Csv => TypedResults.Text(await ReportCsv.WriteAsync(report, keepsFormulas), "text/csv; charset=utf-8"),
            Format.Html => TypedResults.Text(await ReportHtml.RenderAsync(report), "text/html; charset=utf-8"),
            _ => TypedResults.Ok(ReportBody.Of(report)),
        };
    }

    /// <summary>A report also reads windows beside its day, which need valid times: the first and the last year are excluded.</summary>
    private static DateOnly Date(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            && day.Year is > 1 and < 9999
            ? day
            : throw ApiQuery.Invalid("date", "a day such as 2026-11-24", text);

    private static LocalDay Day(string text, string zone, Period period, long now)
    {
        try
        {
            var day = LocalDay.Of(Date(text), zone);
            if (day.Date > LocalDay.DateAt(now, zone))
            {
                throw ApiQuery.Bad($"date must not be in the future; got \"{text}\".");
            }

            return day.IsUtc || day.HasWhole(period) ? day : throw ApiQuery.Bad(
                $"A day must consist of whole windows of {period}; this one of {zone} lasts from {EpochTime.ToIso8601(day.From)} to "
                + $"{EpochTime.ToIso8601(day.To)}.");
        }
        catch (FormatException e)
        {
            throw LocalDay.IsZone(zone) ? ApiQuery.Bad(e.Message) : ApiQuery.Invalid("tz", "a time zone such as Europe/Madrid", zone);
        }
    }

    private static TimeSpan? Every(string? text) => string.IsNullOrEmpty(text) ? null
        : Durations.TryParse(text, out var duration) && duration > TimeSpan.Zero ? duration
        : throw ApiQuery.Invalid("every", $"a duration such as {Durations.Forms}", text);

    private enum Format
    {
        Json,
        Csv,
        Html,
    }
}
