using System.Security.Claims;
using System.Text.Json;
using GrainSensors.Contacts.Routes;
using GrainSensors.Storage.Contacts;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
using GrainSensors.Web.Changes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>Routes of alerts to contact points: one document with versions.</summary>
internal static class RoutesEndpoints
{
    private const string Admin = "Requires a key with the role admin.";
    private const string Versions =
        "If-Match with the ETag of the version that was read prevents overwriting another one: 412 if there is a later version.";

    private static readonly ApiParameter IfMatch = new("If-Match", "the ETag of the version that was read") { IsHeader = true };

    public static void MapRoutes(this IEndpointRouteBuilder api)
    {
        api.MapGet("/routes", GetAsync)
            .RequireAuthorization(RouteChanges.Policy)
            .WithTags("Contacts").WithName("GetRoutes")
            .WithSummary("Returns the routes of alerts to contact points")
            .WithDescription($"The ETag is the version. {Admin}");
        api.MapPut("/routes", PutAsync)
            .RequireAuthorization(RouteChanges.Policy)
            .WithTags("Contacts").WithName("PutRoutes")
            .WithSummary("Replaces the routes")
            .WithDescription($"The new version takes effect within seconds. {Versions} {Admin}")
            .Takes(IfMatch)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        api.MapDelete("/routes", RemoveAsync)
            .RequireAuthorization(RouteChanges.Policy)
            .WithTags("Contacts").WithName("RemoveRoutes")
            .WithSummary("Removes the routes: every contact point is told of every alert")
            .WithDescription($"{Versions} {Admin}")
            .Takes(IfMatch)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        api.MapPost("/routes/test", TestAsync)
            .RequireAuthorization(RouteChanges.Policy)
            .WithTags("Contacts").WithName("TestRoutes")
            .WithSummary("Returns the contact points that an alert with given labels would reach")
            .WithDescription($"Sends and changes nothing. {Admin}")
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
    }

    private static async Task<Ok<RoutesBody>> GetAsync(RouteBook routes, HttpResponse response, CancellationToken cancellationToken) =>
        Answer(response, await routes.ReadAsync(cancellationToken));

    private static async Task<Ok<RoutesBody>> PutAsync(
        JsonElement body, RouteChanges changes, ClaimsPrincipal user, HttpContext context, CancellationToken cancellationToken)
    {
        var expected = Expected(context.Request);
        return Answer(
            context.Response,
            await changes.PutAsync(AccessActor.Of(user), RouteChanges.Parse(body), expected, cancellationToken));
    }

    private static async Task<NoContent> RemoveAsync(
        RouteChanges changes, ClaimsPrincipal user, HttpRequest request, CancellationToken cancellationToken)
    {
        await changes.PutAsync(AccessActor.Of(user), null, Expected(request), cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<RouteTestBody> TestAsync(
        RouteTestRequest? body, RouteBook routes, CancellationToken cancellationToken)
    {
        if (body?.Labels is not { } labels)
        {
            throw ApiQuery.Bad("labels is missing; send a JSON object such as {\"labels\":{\"kind\":\"disconnected\"}}.");
        }

        try
        {
            var sorted = new SortedDictionary<string, string>(labels.ToDictionary(), StringComparer.Ordinal);
            var answers = await routes.TestAsync(sorted, body.Routes is { } tried ? RouteChanges.Parse(tried) : null, cancellationToken);
            return new([.. answers.Select(RouteTestItem.Of)]);
        }
        catch (FormatException e)
        {
            throw ApiQuery.Bad(e.Message);
        }
    }

    /// <returns>The version of the request's condition; null: it has none.</returns>
    private static int? Expected(HttpRequest request) =>
        EntityTag.ExpectedBy(request, "a version", first: 0) is { } version ? (int)Math.Min(version, int.MaxValue - 1) : null;

    private static Ok<RoutesBody> Answer(HttpResponse response, StoredRoutes? stored)
    {
        response.Headers.ETag = EntityTag.Of(stored?.Version ?? 0);
        response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(RoutesBody.Of(stored));
    }
}
