using System.Security.Claims;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>Accepts payloads of other systems over HTTP, such as webhooks of network servers and gateways.</summary>
internal static class SourcesEndpoint
{
    public static void MapSourcePayloads(this IEndpointRouteBuilder api) => api.MapPost("/ingest/{source}", PostAsync)
        .RequireAuthorization(AccessPolicies.Send)
        .WithTags("Readings")
        .WithName("PostPayload")
        .WithSummary("Accepts one payload of a source, in its format, and says which readings its mapping makes of it")
        .WithDescription(
            "202 means that Kafka has acknowledged the payload. Its bad readings become a dead letter, as if a device had sent it to "
            + "the topic. A payload that is sent twice without an Idempotency-Key counts twice.")
        .Takes(
            new("source", "name of the source in the configuration"),
            new("key", "key of the message in Kafka"),
            new("topic", "topic that the device published to, for mappings by topic"),
            KeyedRequests.Parameter)
        .Accepts<string>("*/*")
        .Produces<MappedBody>(StatusCodes.Status202Accepted)
        .WithMetadata(KeyedRequests.Replayed)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity);

    private static async Task<IResult> PostAsync(
        string source, string? key, string? topic, [FromHeader(Name = KeyedRequests.Header)] string? idempotencyKey, HttpRequest request,
        ClaimsPrincipal user, RequestBodies bodies, SourceIntake intake, KeyedRequests requests, CancellationToken cancellationToken)
    {
        var body = await bodies.ReadAsync(request, cancellationToken);
        if (body.Length == 0)
        {
            throw ApiQuery.Bad("The body is empty; send a payload in the format of the source.");
        }

        var sender = Sender.Of(user);
        SendScopes.RequireSource(sender, source);
        var options = intake.Find(source)
            ?? throw new ApiException(
                StatusCodes.Status404NotFound,
                $"There is no source \"{ApiQuery.Quote(source)}\"{(sender.Scope is null ? $"; {intake.Known}" : "")}.");
        var payload = SourcePayload.Of(body, key, topic);
        return await requests.RunAsync(request, sender, body, async () =>
        {
            var mapped = await intake.MapAsync(options, payload, sender, cancellationToken);
            var message = SourceIntake.MessageOf(options, payload);
            return new CheckedRequest<MappedBody>(mapped.Body, () => [message], () => intake.ProduceAsync(options, payload));
        });
    }
}
