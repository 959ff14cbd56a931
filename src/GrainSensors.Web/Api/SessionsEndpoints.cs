using System.Security.Claims;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Access;
using GrainSensors.Storage;
using GrainSensors.Storage.Access;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>Sessions of people who are logged in.</summary>
internal static class SessionsEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder api)
    {
        api.MapGet("/sessions", ListAsync)
            .RequireAuthorization(AccessPolicies.Admin)
            .WithTags("Access").WithName("GetSessions")
            .WithSummary("Lists the sessions of people who are logged in")
            .WithDescription("Requires a key with the role admin.");
        api.MapDelete("/sessions/{session_id}", EndAsync)
            .RequireAuthorization(AccessPolicies.Admin)
            .WithTags("Access").WithName("EndSession")
            .WithSummary("Ends a session")
            .WithDescription("Every silo refuses the session within seconds. Requires a key with the role admin.")
            .Takes(ApiParameter.SessionId)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IReadOnlyList<SessionBody>> ListAsync(IStore store, CancellationToken cancellationToken) =>
        [.. (await store.Access.Sessions.ReadAsync(cancellationToken)).Select(SessionBody.Of)];

    private static async Task<IResult> EndAsync(
        IStore store,
        AuditTrail audit,
        ClaimsPrincipal user,
        [FromRoute(Name = "session_id")] string sessionId,
        CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(sessionId, out var id) || await store.Access.Sessions.EndAsync(id, cancellationToken) is not { } ended)
        {
            throw ApiQuery.NotFound($"The session \"{ApiQuery.Quote(sessionId)}\" is unknown or has ended.");
        }

        await audit.WriteAsync(AccessActor.Of(user), AuditActions.SessionEnd, $"{id}", $"of {ended.Name}");
        return TypedResults.NoContent();
    }
}

/// <param name="SessionId">Names the session to administrators; it does not give access.</param>
/// <param name="Name">Name of the access key or of the user.</param>
/// <param name="Role"><c>read</c> or <c>admin</c>.</param>
/// <param name="Address">Address of the client at the log-in.</param>
/// <param name="SeenAt">Time of the last use, with a precision of minutes.</param>
internal sealed record SessionBody(
    Guid SessionId, string Name, string Role, string Address, DateTime CreatedAt, DateTime SeenAt, DateTime ExpiresAt)
{
    public static SessionBody Of(Session session) => new(
        session.Id,
        session.Name,
        session.IsAdmin ? AccessPolicies.AdminRole : AccessPolicies.ReadRole,
        session.Address,
        EpochTime.ToDateTime(session.CreatedAt),
        EpochTime.ToDateTime(session.SeenAt),
        EpochTime.ToDateTime(session.ExpiresAt));
}
