using GrainSensors.Core.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Web.Api;

/// <summary>What happens, while it happens, as Server-Sent Events.</summary>
internal static class EventsEndpoint
{
    public static void MapEvents(this IEndpointRouteBuilder api) => api.MapGet("/events", Listen)
        .WithTags("Events").WithName("GetEvents")
        .WithSummary("Server-Sent Events: every change of an alert, and every window that closes")
        .WithDescription(
            "event: alert, data: the alert as it is now. event: window, data: the closed window as the topic sensor-windows has it, at least once. "
            + "event: ping every 15 s tells that the connection lives. type: alert or window, both without it. sensor_id: of these sensors only. "
            + "Who comes back with the header Last-Event-ID gets what he missed.")
        .Produces(StatusCodes.Status200OK, contentType: "text/event-stream");

    private static ServerSentEventsResult<byte[]> Listen(
        HttpRequest request,
        EventSource source,
        IHostApplicationLifetime lifetime,
        TimeProvider clock,
        string? type,
        [FromQuery(Name = "sensor_id")] string? sensorId,
        CancellationToken cancellationToken)
    {
        var sensors = ApiQuery.SensorIds(sensorId).ToHashSet();
        var types = ApiQuery.Words(type).Select(word => ApiQuery.Choice("type", word, ("alert", EventTypes.Alert), ("window", EventTypes.Window))!.Value)
            .Aggregate(EventTypes.None, (all, one) => all | one);
        var last = request.Headers["Last-Event-ID"].ToString();
        var place = last.Length == 0 ? null
            : EventPlace.TryParse(last, out var known) ? known
            : throw ApiQuery.Bad($"Last-Event-ID \"{ApiQuery.Shown(last)}\" is none that was given out.");
        return TypedResults.ServerSentEvents(source.ListenAsync(
            types == EventTypes.None ? EventTypes.All : types,
            id => sensors.Count == 0 || sensors.Contains(id),
            place ?? new(EpochTime.Now(clock)),
            isBack: place is not null,
            lifetime.ApplicationStopping,
            cancellationToken));
    }
}
