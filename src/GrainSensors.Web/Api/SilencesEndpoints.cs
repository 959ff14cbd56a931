using System.Security.Claims;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
using GrainSensors.Web.Changes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>Silences: times during which alerts are stored but not sent.</summary>
internal static class SilencesEndpoints
{
    private const string Admin = "Requires a key with the role admin.";
    private const string Example = "{\"matchers\":[\"city=Valencia\"],\"for\":\"2h\",\"reason\":\"new probes\"}";

    public static void MapSilences(this IEndpointRouteBuilder api)
    {
        api.MapGet("/silences", ListAsync)
            .WithTags("Alerts").WithName("GetSilences")
            .WithSummary("Lists active and future silences, those that end first at the beginning");
        api.MapPost("/silences", AddAsync)
            .RequireAuthorization(SilenceBook.Policy)
            .WithTags("Alerts").WithName("AddSilence")
            .WithSummary("Silences the alerts of a sensor, those whose labels match, or all")
            .WithDescription(
                "Silenced alerts are raised and stored, but not sent. Those that are open when the silence ends are sent then. "
                + $"409: there are {SilenceRequest.MaxSilences} silences. {Admin}")
            .Produces<SilenceBody>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        api.MapDelete("/silences/{id}", EndAsync)
            .RequireAuthorization(SilenceBook.Policy)
            .WithTags("Alerts").WithName("EndSilence")
            .WithSummary("Ends a silence now")
            .WithDescription(Admin)
            .Takes(ApiParameter.SilenceId)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static Task<IReadOnlyList<SilenceBody>> ListAsync(SilenceBook silences, CancellationToken cancellationToken) =>
        silences.ReadAsync(cancellationToken);

    private static async Task<Created<SilenceBody>> AddAsync(
        SilenceRequest? body, SilenceBook silences, AccessRules rules, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        TypedResults.Created(
            (string?)null,
            await silences.AddAsync(
                user, rules.IsOpen, body ?? throw ApiQuery.Bad($"The body is missing; send a JSON object such as {Example}."),
                cancellationToken));

    private static async Task<NoContent> EndAsync(
        string id, SilenceBook silences, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var silence) && await silences.EndAsync(AccessActor.Of(user), silence, cancellationToken)
            ? TypedResults.NoContent()
            : throw ApiQuery.NotFound($"Silence \"{ApiQuery.Quote(id)}\" is unknown or has ended; GET /api/v1/silences lists silences.");
}
