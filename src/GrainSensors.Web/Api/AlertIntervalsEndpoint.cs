using System.Globalization;
using GrainSensors.Core.Time;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using GrainSensors.Web.Api.Description;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>The times during which an alert was open.</summary>
internal static class AlertIntervalsEndpoint
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    public static void MapAlertIntervals(this IEndpointRouteBuilder api) =>
        api.MapGet("/alerts/{alert_id}/intervals", ListAsync)
            .WithTags("Alerts").WithName("GetAlertIntervals")
            .WithSummary("Lists the times during which an alert was open, latest first")
            .WithDescription("Each raising or reopening begins an interval. If next is not null, pass it as cursor for the next page.")
            .WithMetadata(new Revalidated())
            .Takes(
                ApiParameter.AlertId,
                ApiParameter.From("start of the range that the intervals overlap; all by default"),
                ApiParameter.To("end of the range that the intervals overlap, exclusive; all by default"),
                ApiParameter.Cursor,
                ApiParameter.Limit(DefaultLimit, MaxLimit))
            .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<AlertIntervalPage> ListAsync(
        IStore store,
        TimeProvider clock,
        [FromRoute(Name = "alert_id")] string alertId,
        string? from,
        string? to,
        string? cursor,
        string? limit,
        CancellationToken cancellationToken)
    {
        var now = EpochTime.Now(clock);
        var (first, last) = ApiQuery.Range(from, to, EpochTime.Min, EpochTime.Max - 1);
        var most = ApiQuery.Limit(limit, DefaultLimit, MaxLimit);
        var after = Cursor(cursor);
        if (!Guid.TryParse(alertId, out var id) || await store.Alerts.FindAsync(id, cancellationToken) is null)
        {
            throw ApiQuery.NotFound($"The alert \"{ApiQuery.Quote(alertId)}\" does not exist.");
        }

        var found = await store.Alerts.ReadIntervalsAsync(
            new([id]) { From = first, To = last, After = after, Limit = most + 1 }, cancellationToken);
        var sums = await store.Alerts.SumIntervalsAsync([id], first, Math.Min(last, now), cancellationToken);
        var hasMore = found.Count > most;
        return new(
            [.. found.Take(most).Select(AlertIntervalBody.Of)],
            EpochTime.ToTimeSpan(sums.GetValueOrDefault(id)).TotalSeconds,
            hasMore ? Cursor(found[most - 1]) : null,
            hasMore);
    }

    private static string Cursor(AlertInterval interval) =>
        string.Create(CultureInfo.InvariantCulture, $"{interval.RaisedAt}.{interval.Occurrence}");

    private static (long RaisedAt, int Occurrence)? Cursor(string? text) => string.IsNullOrEmpty(text) ? null
        : text.Split('.') is [var at, var occurrence]
            && long.TryParse(at, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var raisedAt)
            && raisedAt is >= EpochTime.Min and < EpochTime.Max
            && int.TryParse(occurrence, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (raisedAt, number)
            : throw ApiQuery.InvalidCursor(text);
}

/// <param name="Occurrence">Number of the raising, from 1.</param>
/// <param name="ClearedAt">Null: the alert is open.</param>
internal sealed record AlertIntervalBody(int Occurrence, DateTime RaisedAt, DateTime? ClearedAt)
{
    public static AlertIntervalBody Of(AlertInterval interval) => new(
        interval.Occurrence,
        EpochTime.ToDateTime(interval.RaisedAt),
        interval.ClearedAt is { } cleared ? EpochTime.ToDateTime(cleared) : null);
}

/// <param name="DurationSeconds">Sum of all intervals within the range, also those of other pages; an open one counts up to now.</param>
/// <param name="Next">The cursor of the next page; null: this page is the last one.</param>
internal sealed record AlertIntervalPage(
    IReadOnlyList<AlertIntervalBody> Items, double DurationSeconds, string? Next, bool HasMore);
