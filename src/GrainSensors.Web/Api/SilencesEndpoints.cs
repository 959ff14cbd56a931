using System.Security.Claims;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage;
using GrainSensors.Storage.Names;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
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
            .RequireAuthorization(AccessPolicies.Admin)
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
            .RequireAuthorization(AccessPolicies.Admin)
            .WithTags("Alerts").WithName("EndSilence")
            .WithSummary("Ends a silence now")
            .WithDescription(Admin)
            .Takes(ApiParameter.SilenceId)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IReadOnlyList<SilenceBody>> ListAsync(IStore store, TimeProvider clock, CancellationToken cancellationToken)
    {
        var found = await store.Silences.ReadAsync(cancellationToken);
        var names = await store.Names.NamesAmongAsync(found.Select(silence => silence.SensorId).OfType<int>(), cancellationToken);
        var now = EpochTime.Now(clock);
        return [.. found.Select(silence => SilenceBody.Of(silence, names, now))];
    }

    private static async Task<Created<SilenceBody>> AddAsync(
        SilenceRequest? body, IStore store, AccessRules rules, AuditTrail audit, ClaimsPrincipal user, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (body is null)
        {
            throw ApiQuery.Bad($"The body is missing; send a JSON object such as {Example}.");
        }

        var (actor, person) = Acknowledgement.Names(body.By, user, rules.IsOpen);
        var by = actor ?? throw ApiQuery.Bad("by is missing; send the name of the person who silences the alerts.");
        if (Acknowledgement.Refuse("by", person ?? by, Acknowledgement.MaxName) is { } invalid)
        {
            throw ApiQuery.Bad(invalid);
        }

        try
        {
            var sensor = body.SensorId is { } wanted ? await FindAsync(store, wanted, cancellationToken) : (SensorRef?)null;
            var now = EpochTime.Now(clock);
            var silence = body.ToSilence(sensor?.Id, Acknowledgement.NamesOf(by, person), now);
            if ((await store.Silences.ReadAsync(cancellationToken)).Count >= SilenceRequest.MaxSilences)
            {
                throw new ApiException(StatusCodes.Status409Conflict, SilenceRequest.TooMany);
            }

            await store.Silences.AddAsync(silence, cancellationToken);
            await audit.WriteAsync(AccessActor.Of(user), AuditActions.SilenceAdd, $"{silence.Id}", silence.Scope(sensor));
            var names = sensor is { } named ? new Dictionary<int, string?> { [named.Id] = named.Name } : [];
            return TypedResults.Created((string?)null, SilenceBody.Of(silence, names, now));
        }
        catch (FormatException e)
        {
            throw ApiQuery.Bad(e.Message);
        }
    }

    private static async Task<NoContent> EndAsync(
        string id, IStore store, AuditTrail audit, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var silence) || !await store.Silences.EndAsync(silence, cancellationToken))
        {
            throw ApiQuery.NotFound($"Silence \"{ApiQuery.Quote(id)}\" is unknown or has ended; GET /api/v1/silences lists silences.");
        }

        await audit.WriteAsync(AccessActor.Of(user), AuditActions.SilenceEnd, $"{silence}");
        return TypedResults.NoContent();
    }

    private static async Task<SensorRef> FindAsync(IStore store, SensorRef wanted, CancellationToken cancellationToken)
    {
        var found = (await store.Names.WithNumbersAsync([wanted], cancellationToken))[0];
        return found.Id != SensorName.NoNumber
            ? found
            : throw new FormatException(
                $"sensor_id \"{ApiQuery.Quote($"{wanted}")}\" is unknown: it has never reported, and is not registered.");
    }
}
