using System.Globalization;
using System.Security.Claims;
using GrainSensors.Core.Time;
using GrainSensors.Storage;
using GrainSensors.Storage.Contacts;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
using GrainSensors.Web.Changes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>Notifications of contact points: what was sent, what waits, and what could not be delivered.</summary>
internal static class NotificationsEndpoints
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    private static readonly (string Word, NotificationState Value)[] States =
        [("pending", NotificationState.Pending), ("sent", NotificationState.Sent), ("dead", NotificationState.Dead)];

    private static readonly ApiParameter State = ApiParameter.OneOf("state", "all by default", States.Select(state => state.Word));
    private static readonly ApiParameter Contact = new("contact", "name of a contact point; all by default");

    public static void MapNotifications(this IEndpointRouteBuilder api)
    {
        api.MapGet("/alerts/{alert_id}/notifications", ListOfAlertAsync)
            .WithTags("Alerts").WithName("GetAlertNotifications")
            .WithSummary("Lists the notifications of an alert, latest first")
            .WithDescription("If next is not null, pass it as cursor for the next page.")
            .Takes(ApiParameter.AlertId, ApiParameter.Cursor, ApiParameter.Limit(DefaultLimit, MaxLimit))
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/notifications", ListAsync)
            .RequireAuthorization(NotificationRequeue.Policy)
            .WithTags("Contacts").WithName("GetNotifications")
            .WithSummary("Lists notifications, latest first")
            .WithDescription(
                "Those with the state dead could not be delivered. If next is not null, pass it as cursor for the next page. "
                + "Requires a key with the role admin.")
            .Takes(State, Contact, ApiParameter.Cursor, ApiParameter.Limit(DefaultLimit, MaxLimit));
        api.MapPost("/notifications/requeue", RequeueAllAsync)
            .RequireAuthorization(NotificationRequeue.Policy)
            .WithTags("Contacts").WithName("RequeueNotifications")
            .WithSummary("Sends dead notifications again, of all contact points or of one")
            .WithDescription("Idempotency keys stay the same. Requires a key with the role admin.")
            .Takes(Contact);
        api.MapPost("/notifications/{notification_id}/requeue", RequeueAsync)
            .RequireAuthorization(NotificationRequeue.Policy)
            .WithTags("Contacts").WithName("RequeueNotification")
            .WithSummary("Sends a dead notification again")
            .WithDescription("Its idempotency key stays the same. Requires a key with the role admin.")
            .Takes(ApiParameter.NotificationId)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<NotificationPage> ListOfAlertAsync(
        IStore store, [FromRoute(Name = "alert_id")] string alertId, string? cursor, string? limit, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(alertId, out var id) || await store.Alerts.FindAsync(id, cancellationToken) is null)
        {
            throw ApiQuery.NotFound($"The alert \"{ApiQuery.Quote(alertId)}\" does not exist.");
        }

        return await ReadAsync(store, new() { AlertId = id }, cursor, limit, cancellationToken);
    }

    private static Task<NotificationPage> ListAsync(
        IStore store, string? state, string? contact, string? cursor, string? limit, CancellationToken cancellationToken)
    {
        var query = new NotificationQuery
        {
            State = ApiQuery.Choice("state", state, States),
            Contact = string.IsNullOrEmpty(contact) ? null : contact,
        };
        return ReadAsync(store, query, cursor, limit, cancellationToken);
    }

    private static async Task<RequeueBody> RequeueAllAsync(
        NotificationRequeue requeue, ClaimsPrincipal user, string? contact, CancellationToken cancellationToken) =>
        new(await requeue.AllAsync(AccessActor.Of(user), string.IsNullOrEmpty(contact) ? null : contact, cancellationToken));

    private static async Task<RequeueBody> RequeueAsync(
        NotificationRequeue requeue, ClaimsPrincipal user, [FromRoute(Name = "notification_id")] string notificationId,
        CancellationToken cancellationToken) =>
        Guid.TryParse(notificationId, out var id) && await requeue.OneAsync(AccessActor.Of(user), id, cancellationToken)
            ? new(1)
            : throw ApiQuery.NotFound($"There is no dead notification \"{ApiQuery.Quote(notificationId)}\".");

    private static async Task<NotificationPage> ReadAsync(
        IStore store, NotificationQuery query, string? cursor, string? limit, CancellationToken cancellationToken)
    {
        var most = ApiQuery.Limit(limit, DefaultLimit, MaxLimit);
        query = query with { After = Cursor(cursor), Limit = most + 1 };
        var found = await store.Contacts.Notifications.ReadAsync(query, cancellationToken);
        var hasMore = found.Count > most;
        return new([.. found.Take(most).Select(NotificationBody.Of)], hasMore ? Cursor(found[most - 1]) : null, hasMore);
    }

    private static string Cursor(StoredNotification last) =>
        string.Create(CultureInfo.InvariantCulture, $"{last.CreatedAt}.{last.Id:N}");

    private static (long CreatedAt, Guid Id)? Cursor(string? text) => string.IsNullOrEmpty(text) ? null
        : text.Split('.') is [var at, var id]
            && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var createdAt) && createdAt < EpochTime.Max
            && Guid.TryParseExact(id, "N", out var last)
            ? (createdAt, last)
            : throw ApiQuery.InvalidCursor(text);
}

/// <summary>A notification of a contact point about a change of an alert.</summary>
/// <param name="NotificationId">The idempotency key that the receiver gets.</param>
/// <param name="AlertId">Null: the message is about a group of alerts.</param>
/// <param name="GroupId">The group of alerts that the message is about; null: it is about one alert.</param>
/// <param name="Occurrence">Number of the raising, or of the group's message, from 1.</param>
/// <param name="Event"><c>raised</c> or <c>cleared</c>.</param>
/// <param name="State"><c>pending</c>, <c>sent</c> or <c>dead</c>.</param>
/// <param name="NextAttemptAt">Null: no further attempt is due.</param>
/// <param name="FinishedAt">Time at which it was sent or became dead.</param>
/// <param name="LastError">Why the last attempt failed.</param>
internal sealed record NotificationBody(
    Guid NotificationId,
    string Contact,
    Guid? AlertId,
    Guid? GroupId,
    int Occurrence,
    NotificationEvent Event,
    NotificationState State,
    int Attempts,
    DateTime CreatedAt,
    DateTime? NextAttemptAt,
    DateTime? FinishedAt,
    string? LastError)
{
    public static NotificationBody Of(StoredNotification row) => new(
        row.Id,
        row.Added.Contact,
        row.Added.GroupId is null ? row.Added.AlertId : null,
        row.Added.GroupId,
        row.Added.Occurrence,
        row.Added.Event,
        row.State,
        row.Attempts,
        EpochTime.ToDateTime(row.CreatedAt),
        row.State == NotificationState.Pending ? EpochTime.ToDateTime(row.NextAttemptAt) : null,
        row.FinishedAt is { } finished ? EpochTime.ToDateTime(finished) : null,
        row.LastError);
}

/// <param name="Next">The cursor of the next page; null: this page is the last one.</param>
internal sealed record NotificationPage(IReadOnlyList<NotificationBody> Items, string? Next, bool HasMore);

/// <param name="Requeued">Number of notifications that are sent again.</param>
internal sealed record RequeueBody(int Requeued);
