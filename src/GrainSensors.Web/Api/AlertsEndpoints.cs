using System.Security.Claims;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using GrainSensors.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>Alerts and their acknowledgement.</summary>
internal static class AlertsEndpoints
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    private static readonly (string Word, AlertLevel Value)[] Levels =
        [.. Enum.GetValues<AlertLevel>().Select(level => (level.Name(), level))];

    private static readonly (string Word, AlertKind Value)[] Kinds = [.. Enum.GetValues<AlertKind>().Select(kind => (kind.Name(), kind))];

    private static readonly (string Word, AlertStatus[] Values)[] Statuses =
    [
        ("open", [AlertStatus.Raised, AlertStatus.Acknowledged]),
        ("raised", [AlertStatus.Raised]),
        ("acknowledged", [AlertStatus.Acknowledged]),
        ("cleared", [AlertStatus.Cleared]),
    ];

    public static void MapAlerts(this IEndpointRouteBuilder api)
    {
        api.MapGet("/alerts", ListAsync)
            .WithTags("Alerts").WithName("GetAlerts")
            .WithSummary("Lists alerts, most recently raised first")
            .WithDescription(
                "level: ERROR or WARNING. kind: disconnected or extreme. "
                + "status: raised, acknowledged, cleared, or open for raised and acknowledged; several separated by commas. "
                + "sensor_id: one or several sensors. from and to: when the alert was raised. "
                + "If next is not null, pass it as cursor for the next page.");
        api.MapGet("/alerts/{alert_id}", GetAsync)
            .WithTags("Alerts").WithName("GetAlert").WithSummary("Returns one alert")
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/alerts/{alert_id}/acknowledge", AcknowledgeAsync)
            .WithTags("Alerts").WithName("AcknowledgeAlert")
            .WithSummary("Acknowledges an alert")
            .WithDescription(
                "acknowledged_by is the name of the access key or of the user, and by in the body becomes acknowledged_for. "
                + "Without access keys by becomes acknowledged_by. "
                + "Repeating the request replaces the names and the note, but keeps the time.")
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
            Statuses = [.. ApiQuery.Choices("status", status, Statuses).SelectMany(values => values).Distinct()],
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
        Guid.TryParse(alertId, out var id) && await store.Alerts.FindAsync(id, cancellationToken) is { } alert
            ? AlertBody.Of(alert)
            : throw NotFound(alertId);

    private static async Task<AlertBody> AcknowledgeAsync(
        IStore store,
        ClaimsPrincipal user,
        AccessRules rules,
        AuditTrail audit,
        [FromRoute(Name = "alert_id")] string alertId,
        AcknowledgeBody? body,
        CancellationToken cancellationToken)
    {
        if (body is null)
        {
            throw ApiQuery.Bad("The body is missing; send a JSON object such as {\"by\":\"Ada\"}.");
        }

        var (actor, person) = Acknowledgement.Names(body.By, user, rules.IsOpen);
        var by = actor ?? throw ApiQuery.Bad("by is missing; send the name of the person who acknowledges.");
        var invalid = Acknowledgement.Refuse("by", person ?? by, Acknowledgement.MaxName)
            ?? Acknowledgement.Refuse("note", body.Note, Acknowledgement.MaxNote);
        if (invalid is not null)
        {
            throw ApiQuery.Bad(invalid);
        }

        if (!Guid.TryParse(alertId, out var id)
            || await store.Alerts.AcknowledgeAsync(id, by, person, body.Note, cancellationToken) is not { } alert)
        {
            throw NotFound(alertId);
        }

        await audit.WriteAsync(AccessActor.Of(user), AuditActions.Acknowledge, $"{id}", Acknowledgement.Detail(alert));
        return AlertBody.Of(alert);
    }

    private static AlertCursor? Cursor(string? text) => string.IsNullOrEmpty(text) ? null
        : AlertCursor.TryParse(text, out var cursor) && cursor.RaisedAt is >= EpochTime.Min and < EpochTime.Max ? cursor
        : throw ApiQuery.InvalidCursor(text);

    private static ApiException NotFound(string id) => ApiQuery.NotFound($"The alert \"{ApiQuery.Quote(id)}\" does not exist.");
}

/// <param name="By">
/// Name of the person who acknowledges. Without access keys it becomes acknowledged_by; otherwise that is the name of the key or user,
/// and this name becomes acknowledged_for.
/// </param>
/// <param name="Note">Up to 2,000 characters; null: the alert keeps its note.</param>
internal sealed record AcknowledgeBody(string? By, string? Note);

/// <param name="Next">The cursor of the next page; null: this page is the last one.</param>
internal sealed record AlertPage(IReadOnlyList<AlertBody> Items, string? Next);
