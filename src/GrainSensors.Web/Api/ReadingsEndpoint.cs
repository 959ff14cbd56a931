using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>Readings from devices and gateways that speak HTTP.</summary>
internal static class ReadingsEndpoint
{
    public static void MapReadings(this IEndpointRouteBuilder api) => api.MapPost("/readings", PostAsync)
        .WithTags("Readings")
        .WithName("PostReadings")
        .WithSummary("Takes one reading, or an array of up to 10,000: all of them, or none where one is no reading")
        .WithDescription("202 comes when Kafka has acknowledged every reading. A temperature that is null or absent is a disconnected probe.")
        .Accepts<ReadingBody[]>("application/json")
        .Produces<AcceptedBody>(StatusCodes.Status202Accepted)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status429TooManyRequests);

    private static async Task<IResult> PostAsync(HttpRequest request, ReadingIntake intake, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        if (body.Length == 0)
        {
            throw ApiQuery.Bad("The body is empty; send a reading such as {\"sensor_id\":7,\"timestamp\":1732400000,\"temperature\":21.5}, or an array of them.");
        }

        return TypedResults.Accepted((string?)null, new AcceptedBody(await intake.TakeAsync(body.GetBuffer().AsMemory(0, (int)body.Length))));
    }
}

/// <summary>A reading, as the topic <c>sensor-data</c> has it. Other measurements that are configured stand beside the temperature.</summary>
/// <param name="SensorId">0…2³¹−1.</param>
/// <param name="Timestamp">Seconds since the epoch, whole or fractional; above 10¹¹ milliseconds.</param>
/// <param name="Temperature">°C; null or absent: the probe is disconnected.</param>
/// <param name="Humidity">%; may be absent.</param>
internal sealed record ReadingBody(int SensorId, double Timestamp, double? Temperature, double? Humidity);

/// <param name="Accepted">How many readings are in the log.</param>
internal sealed record AcceptedBody(int Accepted);
