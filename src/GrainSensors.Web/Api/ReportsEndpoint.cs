using System.Globalization;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Storage;
using GrainSensors.Web.Reports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Api;

/// <summary>The daily report, as <c>grainsensors report</c> has it.</summary>
internal static class ReportsEndpoint
{
    public static void MapReports(this IEndpointRouteBuilder api) => api.MapGet("/reports/{date}", GetAsync)
        .WithTags("Reports").WithName("GetReport")
        .WithSummary("A UTC day of each sensor: extremes, averages by the hour, readings that are missing, silence and alerts")
        .WithDescription(
            "date: such as 2026-11-24. sensor_id: of these only. every: how often a sensor is to report, such as 1s, 10m or PT10M; without it, "
            + "as often as each usually does. format: json, csv, or html, which is one file with charts.")
        .Produces<ReportBody>(StatusCodes.Status200OK, "application/json", "text/csv", "text/html");

    private static async Task<Results<Ok<ReportBody>, ContentHttpResult>> GetAsync(
        IStore store,
        IOptions<IngestOptions> ingest,
        TimeProvider clock,
        string date,
        [FromQuery(Name = "sensor_id")] string? sensorId,
        string? every,
        string? format,
        CancellationToken cancellationToken)
    {
        var day = DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed) && parsed.Year is > 1 and < 9999
            ? parsed : throw ApiQuery.Bad($"date \"{ApiQuery.Shown(date)}\" is no day; give one such as 2026-11-24.");
        var shape = ApiQuery.Choice("format", format, ("json", Format.Json), ("csv", Format.Csv), ("html", Format.Html)) ?? Format.Json;
        var sensors = ApiQuery.SensorIds(sensorId);
        var interval = Every(every);
        var period = ingest.Value.Period;
        var from = EpochTime.From(new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
        var days = await new DayReader(store, period, from, EpochTime.Now(clock), interval).ReadAsync(sensors.Count > 0 ? sensors : null, cancellationToken);
        var report = new DailyReport(day, period, interval, days);
        return shape switch
        {
            Format.Csv => TypedResults.Text(ReportData.Csv(report), "text/csv; charset=utf-8"),
            Format.Html => TypedResults.Text(ReportPage.Of(report, from), "text/html; charset=utf-8"),
            _ => TypedResults.Ok(ReportBody.Of(report)),
        };
    }

    private static TimeSpan? Every(string? text) => string.IsNullOrEmpty(text) ? null
        : Durations.TryParse(text, out var duration) && duration > TimeSpan.Zero ? duration
        : throw ApiQuery.Bad($"every must be a duration such as {Durations.Forms}; got \"{ApiQuery.Shown(text)}\".");

    private enum Format
    {
        Json,
        Csv,
        Html,
    }
}
