using System.Globalization;
using System.Text;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Web.Formatting;
using GrainSensors.Web.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>The windows of a sensor, in pages as JSON or all of a range as CSV.</summary>
internal static class WindowsEndpoints
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    /// <summary>Where nobody says from when on.</summary>
    private const long DefaultRange = 24 * 3600 * EpochTime.MicrosPerSecond;

    public static void MapWindows(this IEndpointRouteBuilder api)
    {
        api.MapGet("/sensors/{sensor_id}/windows", ListAsync)
            .WithTags("Windows").WithName("GetWindows")
            .WithSummary("The windows of a sensor by their start, those without readings left out")
            .WithDescription(
                "from and to: the least start, and the greatest one exclusive; the last 24 hours without them. "
                + "period: the configured one, or a multiple of it such as PT1H and P1D, pooled. Where next is not null, ask again with it as cursor.");
        api.MapGet("/sensors/{sensor_id}/windows.csv", (Delegate)WriteCsvAsync)
            .WithTags("Windows").WithName("GetWindowsCsv").WithSummary("The same as CSV, a line for each metric, without pages")
            .Produces(StatusCodes.Status200OK, contentType: "text/csv");
    }

    private static async Task<WindowPage> ListAsync(
        WindowHistory history,
        TimeProvider clock,
        [FromRoute(Name = "sensor_id")] string sensorId,
        string? from,
        string? to,
        string? period,
        string? cursor,
        string? limit,
        CancellationToken cancellationToken)
    {
        var id = ApiQuery.SensorId(sensorId);
        var (first, last) = Range(clock, from, to);
        var length = ApiQuery.Period(period, history.Period, history.CanPool);
        if (!string.IsNullOrEmpty(cursor))
        {
            first = long.TryParse(cursor, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var at) && at is >= EpochTime.Min and < EpochTime.Max
                ? at : throw ApiQuery.Bad($"cursor \"{ApiQuery.Shown(cursor)}\" is none that was given out.");
        }

        var (windows, next) = await history.ReadAsync(id, first, last, length, ApiQuery.Limit(limit, DefaultLimit, MaxLimit), cancellationToken);
        return new(id, length.ToString(), [.. windows.Select(WindowBody.Of)], next?.ToString(CultureInfo.InvariantCulture));
    }

    private static async Task WriteCsvAsync(
        HttpContext context,
        WindowHistory history,
        TimeProvider clock,
        [FromRoute(Name = "sensor_id")] string sensorId,
        string? from,
        string? to,
        string? period)
    {
        var id = ApiQuery.SensorId(sensorId);
        var (first, last) = Range(clock, from, to);
        var length = ApiQuery.Period(period, history.Period, history.CanPool);

        // What fails in the first page is a problem still; after that the answer has begun.
        var (windows, next) = await history.ReadAsync(id, first, last, length, MaxLimit, context.RequestAborted);
        context.Response.ContentType = "text/csv; charset=utf-8";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"sensor-{id}-{length}.csv\"";
        await using var text = new StreamWriter(context.Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        var csv = new WindowsCsv(text);
        await csv.WriteHeaderAsync();
        while (true)
        {
            foreach (var window in windows)
            {
                foreach (var (metric, statistics) in window.Metrics)
                {
                    await csv.WriteAsync(new(id, metric, window.Start, window.End), statistics, window.Revision, window.IsFinal);
                }
            }

            if (next is null)
            {
                return;
            }

            (windows, next) = await history.ReadAsync(id, next.Value, last, length, MaxLimit, context.RequestAborted);
        }
    }

    private static (long From, long To) Range(TimeProvider clock, string? from, string? to)
    {
        var end = ApiQuery.Time("to", to, EpochTime.Now(clock) + 1);
        return ApiQuery.Range(from, to, Math.Max(EpochTime.Min, end - DefaultRange), end);
    }
}

/// <param name="Period">Of the windows, an ISO 8601 duration.</param>
/// <param name="Next">The cursor of the next page; null: this is the last one.</param>
internal sealed record WindowPage(int SensorId, string Period, IReadOnlyList<WindowBody> Items, string? Next);

/// <param name="WindowStart">Inclusive.</param>
/// <param name="WindowEnd">Exclusive.</param>
/// <param name="Revision">How often it was written with new readings after its first close.</param>
/// <param name="IsFinal">It has closed.</param>
/// <param name="Metrics">By the name of the measurement.</param>
internal sealed record WindowBody(DateTime WindowStart, DateTime WindowEnd, int Revision, bool IsFinal, IReadOnlyDictionary<string, StatisticsBody> Metrics)
{
    public static WindowBody Of(SensorWindow window) => new(
        EpochTime.ToDateTime(window.Start),
        EpochTime.ToDateTime(window.End),
        window.Revision,
        window.IsFinal,
        window.Metrics.ToDictionary(metric => metric.Key, metric => StatisticsBody.Of(metric.Value)));
}

/// <param name="Stddev">That of the population.</param>
internal sealed record StatisticsBody(long Count, double? Mean, double? Stddev, double? Min, double? Max)
{
    public static StatisticsBody Of(RunningStatistics statistics) => new(
        statistics.Count, Finite(statistics.Mean), Finite(statistics.PopulationStandardDeviation), Finite(statistics.Min), Finite(statistics.Max));

    /// <summary>JSON has no NaN and no infinity, in which sums of the greatest doubles can end.</summary>
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
