using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Hosting.Access;
using GrainSensors.Storage.Rules;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
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
            .RequireAuthorization(AccessPolicies.Admin)
            .WithTags("Rules").WithName("PutRule")
            .WithSummary("Adds an alert rule, or replaces it")
            .WithDescription($"Silos apply it within 5 s. Other parameters keep dwell and open alerts. {Admin}")
            .Takes(IdParameter, IfMatch, IfNoneMatch)
            .Produces<RuleBody>().Produces<RuleBody>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        api.MapDelete("/rules/{id}", RemoveAsync)
            .RequireAuthorization(AccessPolicies.Admin)
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
        response.Headers.ETag = TagOf(rule.Version);
        return RuleBody.Of(rule, book);
    }

    private static async Task<IResult> PutAsync(
        string id, JsonElement? body, RuleBook book, AuditTrail audit, ClaimsPrincipal user, HttpContext context,
        CancellationToken cancellationToken)
    {
        if (body is not { ValueKind: JsonValueKind.Object } json)
        {
            throw ApiQuery.Bad($"The body must be a JSON object such as {Example}.");
        }

        try
        {
            var (rule, change) = await book.WriteAsync(
                id, json, ExpectedBy(context.Request), AccessActor.Of(user).Name, cancellationToken);
            RequireChanged(id, change);
            await audit.WriteAsync(AccessActor.Of(user), AuditActions.RuleSet, id, $"version {rule.Version}");
            context.Response.Headers.ETag = TagOf(rule.Version);
            return change.Before is null
                ? TypedResults.Created((string?)null, RuleBody.Of(rule, book))
                : TypedResults.Ok(RuleBody.Of(rule, book));
        }
        catch (FormatException e)
        {
            throw ApiQuery.Bad(e.Message);
        }
    }

    private static async Task<IResult> RemoveAsync(
        string id, RuleBook book, AuditTrail audit, ClaimsPrincipal user, HttpContext context, CancellationToken cancellationToken)
    {
        var change = await book.RemoveAsync(id, ExpectedBy(context.Request), cancellationToken);
        if (change is { Before: null, Version: null })
        {
            throw Unknown(id);
        }

        RequireChanged(id, change);
        await audit.WriteAsync(AccessActor.Of(user), AuditActions.RuleRemove, id);
        return TypedResults.NoContent();
    }

    /// <returns>The version that the request expects; 0: none; null: any.</returns>
    private static long? ExpectedBy(HttpRequest request)
    {
        if (request.Headers.IfNoneMatch.ToString() is { Length: > 0 } none)
        {
            return none == "*" ? 0 : throw ApiQuery.Invalid(HeaderNames.IfNoneMatch, "*", none);
        }

        var text = request.Headers.IfMatch.ToString();
        return text is "" or "*" ? null
            : long.TryParse(text.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0 ? version
            : throw ApiQuery.Invalid(HeaderNames.IfMatch, "the ETag of a rule, such as \"7\"", text);
    }

    private static void RequireChanged(string id, RuleChange change)
    {
        if (change.Version is null)
        {
            throw new ApiException(
                StatusCodes.Status412PreconditionFailed,
                change.Before is { } version
                    ? $"The rule \"{ApiQuery.Quote(id)}\" has version {version} by now; read it again."
                    : $"There is no rule \"{ApiQuery.Quote(id)}\" any more.");
        }
    }

    private static string TagOf(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    private static ApiException Unknown(string id) =>
        ApiQuery.NotFound($"There is no rule \"{ApiQuery.Quote(id)}\"; GET /api/v1/rules lists them.");
}
