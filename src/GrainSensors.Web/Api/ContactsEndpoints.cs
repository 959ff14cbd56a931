using System.Security.Claims;
using GrainSensors.Contacts.Points;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
using GrainSensors.Web.Changes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>Contact points. Their secrets are written and never read.</summary>
internal static class ContactsEndpoints
{
    private const string Admin = "Requires a key with the role admin.";
    private static readonly ApiParameter NameParameter = new("name", "name of a contact point");

    public static void MapContacts(this IEndpointRouteBuilder api)
    {
        api.MapGet("/contacts", ListAsync)
            .RequireAuthorization(ContactChanges.Policy)
            .WithTags("Contacts").WithName("GetContacts")
            .WithSummary("Lists contact points")
            .WithDescription($"Secrets are listed by name, without their values. {Admin}");
        api.MapGet("/contacts/{name}", GetAsync)
            .RequireAuthorization(ContactChanges.Policy)
            .WithTags("Contacts").WithName("GetContact")
            .WithSummary("Returns a contact point")
            .WithDescription(Admin)
            .Takes(NameParameter)
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPut("/contacts/{name}", PutAsync)
            .RequireAuthorization(ContactChanges.Policy)
            .WithTags("Contacts").WithName("PutContact")
            .WithSummary("Adds a contact point, or replaces it")
            .WithDescription(
                "Secrets that are absent stay as they are, unless the kind changes; null removes one. A contact point of the configuration "
                + $"cannot be changed. It is notified within seconds. {Admin}")
            .Takes(NameParameter)
            .Produces<ContactBody>().Produces<ContactBody>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        api.MapDelete("/contacts/{name}", RemoveAsync)
            .RequireAuthorization(ContactChanges.Policy)
            .WithTags("Contacts").WithName("RemoveContact")
            .WithSummary("Removes a contact point")
            .WithDescription($"Its pending notifications become dead. {Admin}")
            .Takes(NameParameter)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/contacts/{name}/test", TestAsync)
            .RequireAuthorization(ContactChanges.Policy)
            .WithTags("Contacts").WithName("TestContact")
            .WithSummary("Sends a test message to a contact point")
            .WithDescription($"502: the receiver has not confirmed it, and the detail says why. {Admin}")
            .Takes(NameParameter)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status502BadGateway);
    }

    private static async Task<IReadOnlyList<ContactBody>> ListAsync(ContactPoints points, CancellationToken cancellationToken) =>
        [.. (await points.ReadAsync(cancellationToken)).Select(ContactBody.Of)];

    private static async Task<ContactBody> GetAsync(string name, ContactPoints points, CancellationToken cancellationToken) =>
        ContactBody.Of(await FindAsync(name, points, cancellationToken));

    private static async Task<IResult> PutAsync(
        string name, ContactRequest? body, ContactChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (body is null)
        {
            throw ApiQuery.Bad("The body is missing; send a JSON object such as {\"kind\":\"ntfy\",\"settings\":{\"topic\":\"sensors\"}}.");
        }

        var (point, isNew) = await changes.PutAsync(AccessActor.Of(user), name, body, cancellationToken);
        return isNew ? TypedResults.Created((string?)null, ContactBody.Of(point)) : TypedResults.Ok(ContactBody.Of(point));
    }

    private static async Task<IResult> RemoveAsync(
        string name, ContactChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await changes.RemoveAsync(AccessActor.Of(user), name, cancellationToken) ? TypedResults.NoContent() : throw Unknown(name);

    private static async Task<IResult> TestAsync(
        string name, ContactChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await changes.TestAsync(AccessActor.Of(user), name, cancellationToken) ? TypedResults.NoContent() : throw Unknown(name);

    private static async Task<ContactPoint> FindAsync(string name, ContactPoints points, CancellationToken cancellationToken) =>
        await points.FindAsync(name, cancellationToken) ?? throw Unknown(name);

    private static ApiException Unknown(string name) =>
        ApiQuery.NotFound($"There is no contact point \"{ApiQuery.Quote(name)}\"; GET /api/v1/contacts lists them.");
}
