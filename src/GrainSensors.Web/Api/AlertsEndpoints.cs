using System.Security.Claims;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>Alerts, and taking notice of them.</summary>
internal static class AlertsEndpoints
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    private static readonly (string Word, AlertLevel Value)[] Levels = [.. Enum.GetValues<AlertLevel>().Select(level => (level.Name(), level))];
    private static readonly (string Word, AlertKind Value)[] Kinds = [.. Enum.GetValues<AlertKind>().Select(kind => (kind.Name(), kind))];

    public static void MapAlerts(this IEndpointRouteBuilder api)
    {
        api.MapGet("/alerts", ListAsync)
            .WithTags("Alerts").WithName("GetAlerts")
            .WithSummary("Alerts, the one that was raised last first")
            .WithDescription(
                "level: ERROR or WARNING. kind: disconnected or extreme. status: raised, acknowledged, cleared, or open for the first two, several with commas. "
                + "sensor_id: one or several. from and to: when they were raised. Where next is not null, ask again with it as cursor.");
        api.MapGet("/alerts/{alert_id}", GetAsync)
            .WithTags("Alerts").WithName("GetAlert").WithSummary("An alert")
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/alerts/{alert_id}/acknowledge", AcknowledgeAsync)
            .WithTags("Alerts").WithName("AcknowledgeAlert")
            .WithSummary("Takes notice of an alert; who does so again replaces name and note, not the moment")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<AlertPage> ListAsync(
        IStore store,
        string? level,
        string? kind,
        string? status,
        [FromQuery(Name = "sensor_id")] string? sensorId,
        string? from,
        string? to,
        string? cursor,
        string? limit,
        CancellationToken cancellationToken)
    {
        var (first, last) = ApiQuery.Range(from, to, EpochTime.Min, EpochTime.Max - 1);
        var query = new AlertQuery
        {
            Level = ApiQuery.Choice("level", level, Levels),
            Kind = ApiQuery.Choice("kind", kind, Kinds),
            Statuses = Statuses(status),
            SensorIds = ApiQuery.SensorIds(sensorId),
            From = first,
            To = last,
            After = Cursor(cursor),
            Limit = ApiQuery.Limit(limit, DefaultLimit, MaxLimit),
        };
        var found = await store.Alerts.QueryAsync(query, cancellationToken);
        return new([.. found.Select(AlertBody.Of)], found.Count == query.Limit ? AlertCursor.Of(found[^1]).ToString() : null);
    }

    private static async Task<AlertBody> GetAsync(
        IStore store, [FromRoute(Name = "alert_id")] string alertId, CancellationToken cancellationToken) =>
        Guid.TryParse(alertId, out var id) && await store.Alerts.FindAsync(id, cancellationToken) is { } alert ? AlertBody.Of(alert) : throw NoSuch(alertId);

    private static async Task<AlertBody> AcknowledgeAsync(
        IStore store,
        ClaimsPrincipal user,
        [FromRoute(Name = "alert_id")] string alertId,
        AcknowledgeBody body,
        CancellationToken cancellationToken)
    {
        var by = Acknowledgement.By(body.By, user) is { } name ? name : throw ApiQuery.Bad("by is missing; say who takes notice.");
        if ((Acknowledgement.Refuse("by", by, Acknowledgement.MaxName) ?? Acknowledgement.Refuse("note", body.Note, Acknowledgement.MaxNote)) is { } refusal)
        {
            throw ApiQuery.Bad(refusal);
        }

        return Guid.TryParse(alertId, out var id) && await store.Alerts.AcknowledgeAsync(id, by, body.Note, cancellationToken) is { } alert
            ? AlertBody.Of(alert)
            : throw NoSuch(alertId);
    }

    private static IReadOnlyList<AlertStatus> Statuses(string? text) =>
    [
        .. ApiQuery.Words(text).SelectMany(word => word.Equals("open", StringComparison.OrdinalIgnoreCase)
            ? [AlertStatus.Raised, AlertStatus.Acknowledged]
            : new[]
            {
                ApiQuery.Choice(
                    "status",
                    word,
                    ("raised", AlertStatus.Raised),
                    ("acknowledged", AlertStatus.Acknowledged),
                    ("cleared", AlertStatus.Cleared))!.Value,
            }).Distinct(),
    ];

    private static AlertCursor? Cursor(string? text) => string.IsNullOrEmpty(text) ? null
        : AlertCursor.TryParse(text, out var cursor) && cursor.RaisedAt is >= EpochTime.Min and < EpochTime.Max ? cursor
        : throw ApiQuery.Bad($"cursor \"{ApiQuery.Shown(text)}\" is none that was given out.");

    private static ApiProblem NoSuch(string id) => ApiQuery.NotFound($"There is no alert \"{ApiQuery.Shown(id)}\".");
}

/// <param name="By">Who; may be left out where a key says so.</param>
/// <param name="Note">Up to 2,000 characters; may be left out.</param>
internal sealed record AcknowledgeBody(string? By, string? Note);

/// <param name="Next">The cursor of the next page; null: this is the last one.</param>
internal sealed record AlertPage(IReadOnlyList<AlertBody> Items, string? Next);

/// <param name="Measurement">Empty: the alert is about the sensor as such.</param>
/// <param name="Kind"><c>disconnected</c> or <c>extreme</c>.</param>
/// <param name="Level"><c>ERROR</c> or <c>WARNING</c>.</param>
/// <param name="Status"><c>raised</c>, <c>acknowledged</c> or <c>cleared</c>.</param>
/// <param name="ClearedAt">Null: it is open.</param>
/// <param name="Occurrences">How often it was raised, reopenings included.</param>
/// <param name="Value">The reading's that raised it last; null where a reading is missing.</param>
/// <param name="Expected">What the sensor usually reads; null where there is no telling.</param>
/// <param name="SilencedUntil">Until when nobody is called because of it; null: it is not silenced now.</param>
internal sealed record AlertBody(
    Guid AlertId,
    int SensorId,
    string Measurement,
    string Kind,
    string Level,
    AlertStatus Status,
    DateTime RaisedAt,
    DateTime LastRaisedAt,
    DateTime? ClearedAt,
    int Occurrences,
    double? Value,
    double? Expected,
    DateTime? LastReadingAt,
    string Message,
    DateTime? AcknowledgedAt,
    string? AcknowledgedBy,
    string? Note,
    DateTime? SilencedUntil,
    DateTime UpdatedAt)
{
    public static AlertBody Of(Alert alert) => new(
        alert.Id,
        alert.SensorId,
        alert.Measurement,
        alert.Kind.Name(),
        alert.Level.Name(),
        alert.Status,
        EpochTime.ToDateTime(alert.RaisedAt),
        EpochTime.ToDateTime(alert.LastRaisedAt),
        Time(alert.ClearedAt),
        alert.Occurrences,
        Finite(alert.Value),
        Finite(alert.Expected),
        Time(alert.LastReadingAt),
        alert.Message,
        Time(alert.AcknowledgedAt),
        alert.AcknowledgedBy,
        alert.Note,
        Time(alert.SilencedUntil),
        EpochTime.ToDateTime(alert.UpdatedAt));

    private static DateTime? Time(long? micros) => micros is { } at ? EpochTime.ToDateTime(at) : null;

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
