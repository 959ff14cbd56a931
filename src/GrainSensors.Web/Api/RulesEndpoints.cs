using System.Security.Claims;
using System.Text.Json;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
using GrainSensors.Web.Changes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace GrainSensors.Web.Api;

/// <summary>Alert rules as data.</summary>
internal static class RulesEndpoints
{
    private const string Admin = "Requires a key with the role admin.";

    private const string Example =
        "{\"kind\":\"threshold\",\"selector\":{\"measurement\":\"temperature\"},\"above\":30}";

    private static readonly ApiParameter IdParameter = new("id", "id of a rule");

    private static readonly ApiParameter IfMatch =
        new(HeaderNames.IfMatch, "the ETag of the version that the request changes; otherwise the answer is 412") { IsHeader = true };

    private static readonly ApiParameter IfNoneMatch =
        new(HeaderNames.IfNoneMatch, "*: the rule must be new; otherwise the answer is 412") { IsHeader = true };

    public static void MapRules(this IEndpointRouteBuilder api)
    {
        api.MapGet("/rules", ListAsync)
            .WithTags("Rules").WithName("GetRules")
            .WithSummary("Lists alert rules")
            .WithDescription("The built-in rules, disconnected and extreme, are in the configuration.");
        api.MapGet("/rules/{id}", GetAsync)
            .WithTags("Rules").WithName("GetRule")
            .WithSummary("Returns an alert rule")
            .WithDescription("The ETag is its version.")
            .Takes(IdParameter)
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPut("/rules/{id}", PutAsync)
            .RequireAuthorization(RuleChanges.Policy)
            .WithTags("Rules").WithName("PutRule")
            .WithSummary("Adds an alert rule, or replaces it")
            .WithDescription($"Silos apply it within 5 s. Other parameters keep dwell and open alerts. {Admin}")
            .Takes(IdParameter, IfMatch, IfNoneMatch)
            .Produces<RuleBody>().Produces<RuleBody>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        api.MapDelete("/rules/{id}", RemoveAsync)
            .RequireAuthorization(RuleChanges.Policy)
            .WithTags("Rules").WithName("RemoveRule")
            .WithSummary("Removes an alert rule")
            .WithDescription($"Its open alerts are cleared. {Admin}")
            .Takes(IdParameter, IfMatch)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
    }

    private static async Task<IReadOnlyList<RuleBody>> ListAsync(RuleBook book, CancellationToken cancellationToken) =>
        [.. (await book.ReadAsync(cancellationToken)).Select(rule => RuleBody.Of(rule, book))];

    private static async Task<RuleBody> GetAsync(
        string id, RuleBook book, HttpResponse response, CancellationToken cancellationToken)
    {
        var rule = await book.FindAsync(id, cancellationToken) ?? throw Unknown(id);
        response.Headers.ETag = EntityTag.Of(rule.Version);
        return RuleBody.Of(rule, book);
    }

    private static async Task<IResult> PutAsync(
        string id, JsonElement? body, RuleBook book, RuleChanges changes, ClaimsPrincipal user, HttpContext context,
        CancellationToken cancellationToken)
    {
        if (body is not { ValueKind: JsonValueKind.Object } json)
        {
            throw ApiQuery.Bad($"The body must be a JSON object such as {Example}.");
        }

        var expected = EntityTag.MustBeNew(context.Request) ? 0 : ExpectedBy(context.Request);
        var (rule, isNew) = await changes.PutAsync(AccessActor.Of(user), id, json, expected, cancellationToken);
        context.Response.Headers.ETag = EntityTag.Of(rule.Version);
        return isNew ? TypedResults.Created((string?)null, RuleBody.Of(rule, book)) : TypedResults.Ok(RuleBody.Of(rule, book));
    }

    private static async Task<IResult> RemoveAsync(
        string id, RuleChanges changes, ClaimsPrincipal user, HttpRequest request, CancellationToken cancellationToken)
    {
        // Of an object that must be new there is nothing to remove.
        var expected = EntityTag.MustBeNew(request) ? 0 : ExpectedBy(request);
        return await changes.RemoveAsync(AccessActor.Of(user), id, expected, cancellationToken)
            ? TypedResults.NoContent()
            : throw Unknown(id);
    }

    private static long? ExpectedBy(HttpRequest request) => EntityTag.ExpectedBy(request, "a rule", first: 1);

    private static ApiException Unknown(string id) =>
        ApiQuery.NotFound($"There is no rule \"{ApiQuery.Quote(id)}\"; GET /api/v1/rules lists them.");
}
