using System.Security.Claims;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
using GrainSensors.Web.Changes;
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
            .WithDescription("If next is not null, pass it as cursor for the next page.")
            .WithMetadata(new Revalidated())
            .Takes(
                ApiParameter.OneOf("level", "all by default", Levels.Select(level => level.Word)),
                ApiParameter.OneOf("kind", "all by default", Kinds.Select(kind => kind.Word)),
                ApiParameter.OneOf("status", "all by default; open is raised and acknowledged", Statuses.Select(status => status.Word)) with
                {
                    IsList = true,
                },
                ApiParameter.SensorIds,
                ApiParameter.Sensors,
                ApiParameter.From("earliest time at which the alert was raised, inclusive"),
                ApiParameter.To("latest time at which the alert was raised, exclusive"),
                ApiParameter.Cursor,
                ApiParameter.Limit(DefaultLimit, MaxLimit));
        api.MapGet("/alerts/{alert_id}", GetAsync)
            .WithTags("Alerts").WithName("GetAlert").WithSummary("Returns one alert")
            .WithMetadata(new Revalidated())
            .Takes(ApiParameter.AlertId)
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/alerts/{alert_id}/acknowledge", AcknowledgeAsync)
            .WithTags("Alerts").WithName("AcknowledgeAlert")
            .WithSummary("Acknowledges an alert")
            .WithDescription(
                "acknowledged_by is the name of the access key or of the user, and by in the body becomes acknowledged_for. "
                + "Without access keys by becomes acknowledged_by. "
                + "Repeating the request replaces the names and the note, but keeps the time.")
            .Takes(ApiParameter.AlertId)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
    }

    private static async Task<AlertPage> ListAsync(
        IStore store,
        string? level,
        string? kind,
        string? status,
        [FromQuery(Name = "sensor_id")] string? sensorId,
        string[]? sensor,
        string? from,
        string? to,
        string? cursor,
        string? limit,
        CancellationToken cancellationToken)
    {
        var (first, last) = ApiQuery.Range(from, to, EpochTime.Min, EpochTime.Max - 1);
        var most = ApiQuery.Limit(limit, DefaultLimit, MaxLimit);
        var sensors = await ApiQuery.SensorsAsync(store.Names, sensorId, sensor, cancellationToken);
        var query = new AlertQuery
        {
            Level = ApiQuery.Choice("level", level, Levels),
            Kind = ApiQuery.Choice("kind", kind, Kinds),
            Statuses = [.. ApiQuery.Choices("status", status, Statuses).SelectMany(values => values).Distinct()],
            SensorIds = [.. sensors.Select(wanted => wanted.Id)],
            From = first,
            To = last,
            After = Cursor(cursor),
            Limit = most + 1,
        };
        var found = await store.Alerts.QueryAsync(query, cancellationToken);
        var hasMore = found.Count > most;
        return new([.. found.Take(most).Select(AlertBody.Of)], hasMore ? AlertCursor.Of(found[most - 1]).ToString() : null, hasMore);
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
internal sealed record AcknowledgeBody(string? By = null, string? Note = null);

/// <param name="Next">The cursor of the next page; null: this page is the last one.</param>
internal sealed record AlertPage(IReadOnlyList<AlertBody> Items, string? Next, bool HasMore);
