using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using GrainSensors.Core.Merging;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage;
using GrainSensors.Web.Api.Description;
using GrainSensors.Web.Formatting;
using GrainSensors.Web.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>The windows of a sensor: JSON in pages, or CSV of a whole range.</summary>
internal static class WindowsEndpoints
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    /// <summary>Length of the range if the request has no <c>from</c>; µs.</summary>
    private const long DefaultRange = 24 * 3600 * EpochTime.MicrosPerSecond;

    /// <summary>Windows in the range if they are as long as <see cref="DefaultRange"/>, or longer.</summary>
    private const int DefaultWindows = 30;

    private static readonly ApiParameter First =
        ApiParameter.From("earliest start of a window, inclusive; 24 hours before the end by default, or 30 windows of a day or longer");

    private static readonly ApiParameter Last = ApiParameter.To("latest start of a window, exclusive; the present time by default");

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static void MapWindows(this IEndpointRouteBuilder api)
    {
        api.MapGet("/sensors/{sensor_id}/windows", ListAsync)
            .WithTags("Windows").WithName("GetWindows")
            .WithSummary("Lists the windows of a sensor by start")
            .WithDescription("Windows without readings are omitted. If next is not null, pass it as cursor for the next page.")
            .WithMetadata(new Revalidated())
            .Takes(
                ApiParameter.SensorId, ApiParameter.Sensor, First, Last, ApiParameter.Period, ApiParameter.Zone, ApiParameter.Percentiles,
                ApiParameter.Statistics, ApiParameter.Cursor, ApiParameter.Limit(DefaultLimit, MaxLimit))
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/sensors/{sensor_id}/windows.csv", (Delegate)WriteCsvAsync)
            .WithTags("Windows").WithName("GetWindowsCsv")
            .WithSummary("Returns the windows of a sensor as CSV, one line for each measurement, without pages")
            .Takes(
                ApiParameter.SensorId, ApiParameter.Sensor, First, Last, ApiParameter.Period, ApiParameter.Zone, ApiParameter.Percentiles,
                ApiParameter.Statistics)
            .Produces(StatusCodes.Status200OK, contentType: "text/csv")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<WindowPage> ListAsync(
        WindowHistory history,
        IStore store,
        TimeProvider clock,
        [FromRoute(Name = "sensor_id")] string sensorId,
        string[]? sensor,
        string? from,
        string? to,
        string? period,
        string? tz,
        string? p,
        string? statistics,
        string? cursor,
        string? limit,
        CancellationToken cancellationToken)
    {
        var wanted = await ApiQuery.SensorAsync(store.Names, sensorId, sensor, cancellationToken);
        var windowPeriod = ApiQuery.Period(period, await ZoneAsync(tz, wanted, store, cancellationToken), history.Period);
        var (first, last) = Range(clock, from, to, windowPeriod, history);
        if (!string.IsNullOrEmpty(cursor))
        {
            first = long.TryParse(cursor, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var at)
                && at is >= EpochTime.Min and < EpochTime.Max
                ? at
                : throw ApiQuery.InvalidCursor(cursor);
        }

        var most = ApiQuery.Limit(limit, DefaultLimit, MaxLimit);
        var percentiles = Percentiles.Parse(p);
        var further = FurtherStatistics.Parse(statistics);
        var query = new HistoryQuery(wanted.Id, windowPeriod, WithDetails: !percentiles.IsEmpty || further.NeedEdges);
        var (windows, next) = await history.ReadAsync(query, first, last, most, cancellationToken);
        return new(
            wanted, windowPeriod.ToString(), [.. windows.Select(window => WindowBody.Of(window, percentiles, further))],
            next?.ToString(CultureInfo.InvariantCulture), next is not null);
    }

    private static async Task WriteCsvAsync(
        HttpContext context,
        WindowHistory history,
        IStore store,
        TimeProvider clock,
        [FromRoute(Name = "sensor_id")] string sensorId,
        string[]? sensor,
        string? from,
        string? to,
        string? period,
        string? tz,
        string? p,
        string? statistics)
    {
        var wanted = await ApiQuery.SensorAsync(store.Names, sensorId, sensor, context.RequestAborted);
        var windowPeriod = ApiQuery.Period(period, await ZoneAsync(tz, wanted, store, context.RequestAborted), history.Period);
        var (first, last) = Range(clock, from, to, windowPeriod, history);

        // A failure of the first page is still a problem document. After that the response has started and can only be cut off.
        var percentiles = Percentiles.Parse(p);
        var further = FurtherStatistics.Parse(statistics);
        var query = new HistoryQuery(wanted.Id, windowPeriod, WithDetails: !percentiles.IsEmpty || further.NeedEdges);
        var (windows, next) = await history.ReadAsync(query, first, last, MaxLimit, context.RequestAborted);
        context.Response.ContentType = "text/csv; charset=utf-8";
        context.Response.Headers.ContentDisposition =
            $"attachment; filename=\"sensor-{FileNameOf($"{wanted}")}-{FileNameOf($"{windowPeriod}")}.csv\"";
        await using var text = new StreamWriter(context.Response.Body, Utf8, leaveOpen: true) { NewLine = "\n" };
        var csv = new WindowsCsv(text);
        await csv.WriteHeaderAsync([.. further.Columns, .. percentiles.Names]);
        while (true)
        {
            foreach (var window in windows)
            {
                foreach (var (measurement, values) in window.Measurements)
                {
                    await csv.WriteAsync(
                        wanted, measurement, (window.Start, window.End), values.Statistics, window.Revision, window.IsFinal,
                        line =>
                        {
                            further.Write(line, values);
                            percentiles.Write(line, values);
                        });
                }
            }

            if (next is null)
            {
                return;
            }

            (windows, next) = await history.ReadAsync(query, next.Value, last, MaxLimit, context.RequestAborted);
        }
    }

    /// <returns>The name of the time zone; null: none is asked for.</returns>
    private static async ValueTask<string?> ZoneAsync(string? zone, SensorRef sensor, IStore store, CancellationToken cancellationToken)
    {
        if (zone != ApiParameter.ZoneOfSensor)
        {
            return zone;
        }

        var entries = await store.Sensors.FindAsync([sensor.Id], cancellationToken);
        return entries.Select(entry => entry.TimeZone).FirstOrDefault(known => !string.IsNullOrEmpty(known))
            ?? throw ApiQuery.Bad(
                $"tz is {zone}, and sensor \"{ApiQuery.Quote($"{sensor}")}\" has no time zone in the registry; give one, such as "
                + "tz=Europe/Madrid.");
    }

    private static string FileNameOf(string text) =>
        string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));

    /// <exception cref="ApiException">A window in the range does not consist of whole stored ones.</exception>
    private static (long From, long To) Range(TimeProvider clock, string? from, string? to, WindowPeriod period, WindowHistory history)
    {
        var end = ApiQuery.Time("to", to, EpochTime.Now(clock) + 1);
        var length = period.Size.TotalMicros < DefaultRange ? DefaultRange : DefaultWindows * period.Hop.TotalMicros;
        var range = ApiQuery.Range(from, to, Math.Max(EpochTime.Min, end - length), end);
        return history.FindBoundaryWithin(period, range.From, range.To) is { } boundary
            ? throw ApiQuery.NotWhole(period, boundary, history.Pane)
            : range;
    }
}

/// <param name="Period">Size of the windows, as an ISO 8601 duration.</param>
/// <param name="Next">The cursor of the next page; null: this page is the last one.</param>
internal sealed record WindowPage(SensorRef SensorId, string Period, IReadOnlyList<WindowBody> Items, string? Next, bool HasMore);

/// <param name="WindowStart">Inclusive.</param>
/// <param name="WindowEnd">Exclusive.</param>
/// <param name="Revision">Number of times that late readings changed the window after it closed.</param>
/// <param name="IsFinal">False: the window is provisional.</param>
/// <param name="Metrics">Statistics by the name of the measurement.</param>
internal sealed record WindowBody(
    DateTime WindowStart, DateTime WindowEnd, int Revision, bool IsFinal, IReadOnlyDictionary<string, StatisticsBody> Metrics)
{
    public static WindowBody Of(SensorWindow window, Percentiles percentiles, FurtherStatistics further) => new(
        EpochTime.ToDateTime(window.Start),
        EpochTime.ToDateTime(window.End),
        window.Revision,
        window.IsFinal,
        window.Measurements.ToDictionary(
            measured => measured.Key, measured => StatisticsBody.Of(measured.Value, percentiles, further)));
}

/// <param name="Stddev">Population standard deviation.</param>
/// <param name="Sum">Null: not asked for.</param>
/// <param name="First">Null: not asked for.</param>
/// <param name="Last">Null: not asked for.</param>
/// <param name="Percentiles">By name, such as p95; null: none is asked for.</param>
internal sealed record StatisticsBody(
    long Count, double? Mean, double? Stddev, double? Min, double? Max,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Sum,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EdgeBody? First,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EdgeBody? Last,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, double?>? Percentiles)
{
    public static StatisticsBody Of(MergedMeasurement measured, Percentiles percentiles, FurtherStatistics further) => new(
        measured.Statistics.Count,
        Finite(measured.Statistics.Mean),
        Finite(measured.Statistics.PopulationStandardDeviation),
        Finite(measured.Statistics.Min),
        Finite(measured.Statistics.Max),
        further.Sum ? Finite(measured.Statistics.Sum) : null,
        further.First ? EdgeBody.Of(measured.Edges?.First, measured.Edges?.FirstAt) : null,
        further.Last ? EdgeBody.Of(measured.Edges?.Last, measured.Edges?.LastAt) : null,
        percentiles.ByName(measured));

    /// <summary>JSON has neither NaN nor infinity; sums of very large doubles can be infinite.</summary>
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

/// <summary>The first or the last value of a window; null: not known.</summary>
internal sealed record EdgeBody(double? Value, DateTime? At)
{
    public static EdgeBody Of(double? value, long? at) => new(value, at is { } known ? EpochTime.ToDateTime(known) : null);
}
