using GrainSensors.Core.Time;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Web.Api;

/// <summary>Alert changes and closed windows as Server-Sent Events.</summary>
internal static class EventsEndpoint
{
    private static readonly (string Word, EventTypes Value)[] Types = [("alert", EventTypes.Alert), ("window", EventTypes.Window)];

    public static void MapEvents(this IEndpointRouteBuilder api) => api.MapGet("/events", Listen)
        .WithTags("Events").WithName("GetEvents").WithMetadata(new LongLivedRequest())
        .WithSummary("Streams alert changes and closed windows as Server-Sent Events")
        .WithDescription(
            "event alert: an alert after a change. event window: a closed window as in the topic sensor-windows, at least once. "
            + "event ping: sent when the stream opens and after 15 s without an event. "
            + "The header Last-Event-ID continues a stream with the missed events.")
        .Takes(
            ApiParameter.OneOf("type", "one or several types of events; all by default", Types.Select(type => type.Word)) with
            {
                IsList = true,
            },
            ApiParameter.SensorIds,
            ApiParameter.Sensors)
        .Produces(StatusCodes.Status200OK, contentType: "text/event-stream");

    private static ServerSentEventsResult<byte[]> Listen(
        HttpRequest request,
        EventSource source,
        IHostApplicationLifetime lifetime,
        EventStreamLimits limits,
        TimeProvider clock,
        string? type,
        [FromQuery(Name = "sensor_id")] string? sensorId,
        string[]? sensor,
        CancellationToken cancellationToken)
    {
        var sensors = ApiQuery.Sensors(sensorId, sensor).Select(wanted => $"{wanted}").ToHashSet();
        var types = ApiQuery.Choices("type", type, Types).Aggregate(EventTypes.None, (all, one) => all | one);
        var last = request.Headers["Last-Event-ID"].ToString();
        var place = last.Length == 0 ? null
            : EventPlace.TryParse(last, out var known) ? known
            : throw ApiQuery.Invalid("Last-Event-ID", "the id of an event of this stream", last);
        var subscription = new EventSubscription(
            types == EventTypes.None ? EventTypes.All : types,
            text => sensors.Count == 0 || sensors.Contains(text),
            place ?? new(EpochTime.Now(clock)),
            IsResumed: place is not null);
        var response = request.HttpContext.Response;
        response.RegisterForDispose(limits.Enter(request.HttpContext));

        // nginx buffers answers of servers behind it, so that no event would reach the client.
        response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(source.ListenAsync(subscription, lifetime.ApplicationStopping, cancellationToken));
    }
}
