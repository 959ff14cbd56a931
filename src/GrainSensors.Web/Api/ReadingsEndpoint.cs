using System.Security.Claims;
using GrainSensors.Core.Readings;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace GrainSensors.Web.Api;

/// <summary>Accepts readings from devices and gateways over HTTP.</summary>
internal static class ReadingsEndpoint
{
    private const string Json = "application/json";

    /// <summary>The media types of one value on each line. None is registered; the first is used most.</summary>
    private static readonly string[] Lines = ["application/x-ndjson", "application/jsonl"];

    private const string Example = """{"sensor_id":7,"timestamp":1732400000,"temperature":21.5}""";

    public static void MapReadings(this IEndpointRouteBuilder api) => api.MapPost("/readings", PostAsync)
        .RequireAuthorization(AccessPolicies.Send)
        .WithTags("Readings")
        .WithName("PostReadings")
        .WithSummary("Accepts one reading, or up to 10,000 in an array or in lines; if one is invalid, none is stored")
        .WithDescription(
            "202 means that Kafka has acknowledged every reading. A reading without the primary measurement, which is temperature by "
            + "default, reports a disconnected probe.")
        .Takes(KeyedRequests.Parameter)
        .Accepts<ReadingBody[]>(Json, Lines)
        .Produces<AcceptedBody>(StatusCodes.Status202Accepted)
        .WithMetadata(new OneOrManyBody(), KeyedRequests.Replayed)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity);

    private static async Task<IResult> PostAsync(
        [FromHeader(Name = KeyedRequests.Header)] string? key, HttpRequest request, ClaimsPrincipal user, RequestBodies bodies,
        ReadingIntake intake, KeyedRequests requests, CancellationToken cancellationToken)
    {
        var body = await bodies.ReadAsync(request, cancellationToken);
        if (body.Length == 0)
        {
            throw ApiQuery.Bad($"The body is empty; send a reading such as {Example}, or several in an array or in lines.");
        }

        var sender = Sender.Of(user);
        return await requests.RunAsync(
            request, sender, body, () => intake.CheckAsync(body, IsLines(request), sender, cancellationToken));
    }

    private static bool IsLines(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && Lines.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase);
}

/// <summary>A reading in the format of the topic <c>sensor-data</c>. Any other number or boolean is a measurement, too.</summary>
/// <param name="SensorId">An integer, or a name of 1 to 200 characters.</param>
/// <param name="Timestamp">Seconds since the epoch, whole or fractional; values above 10¹¹ are milliseconds.</param>
/// <param name="Temperature">
/// °C, or the configured SentUnit; null or absent: the probe is disconnected, unless another measurement is primary.
/// </param>
/// <param name="Humidity">Relative humidity in %; optional.</param>
internal sealed record ReadingBody(SensorRef SensorId, double Timestamp, double? Temperature = null, double? Humidity = null);
