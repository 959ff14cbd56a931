using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using GrainSensors.Core.Time;
using GrainSensors.Silo.Views;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Silo.Api;

/// <summary>What happens, while it happens, as Server-Sent Events.</summary>
internal static class EventsEndpoint
{
    private const string AlertEvent = "alert";
    private const string PingEvent = "ping";

    /// <summary>Events that wait for a slow client; it is then cut off, and comes back for what it has not seen.</summary>
    private const int Capacity = 1000;

    /// <summary>Proxies end connections on which nothing is said.</summary>
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);

    public static void MapEvents(this IEndpointRouteBuilder api) => api.MapGet("/events", Listen)
        .WithTags("Events").WithName("GetEvents")
        .WithSummary("Server-Sent Events: every change of an alert")
        .WithDescription(
            "event: alert, data: the alert as it is now. sensor_id: of these sensors only. Who comes back with the header Last-Event-ID gets what he missed. "
            + "event: ping every 15 s tells that the connection lives.")
        .Produces(StatusCodes.Status200OK, contentType: "text/event-stream");

    private static ServerSentEventsResult<AlertBody?> Listen(
        HttpRequest request,
        AlertView alerts,
        IWindowDatabase store,
        IHostApplicationLifetime lifetime,
        TimeProvider clock,
        [FromQuery(Name = "sensor_id")] string? sensorId,
        CancellationToken cancellationToken)
    {
        var sensors = ApiQuery.SensorIds(sensorId).ToHashSet();
        var last = request.Headers["Last-Event-ID"].ToString();
        long? since = last.Length == 0 ? null
            : long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id < EpochTime.Max ? id
            : throw ApiQuery.Bad($"Last-Event-ID \"{ApiQuery.Shown(last)}\" is none that was given out.");
        return TypedResults.ServerSentEvents(EventsAsync(alerts, store, sensors, since, clock, lifetime.ApplicationStopping, cancellationToken));
    }

    private static async IAsyncEnumerable<SseItem<AlertBody?>> EventsAsync(
        AlertView view,
        IWindowDatabase store,
        HashSet<int> sensors,
        long? since,
        TimeProvider clock,
        CancellationToken stopping,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        var queue = Channel.CreateBounded<Alert>(new BoundedChannelOptions(Capacity) { SingleReader = true, AllowSynchronousContinuations = false });
        using var watch = view.Watch(changes =>
        {
            foreach (var alert in changes)
            {
                if (!queue.Writer.TryWrite(alert))
                {
                    queue.Writer.TryComplete();
                }
            }
        });

        yield return Ping();
        var told = new Dictionary<Guid, long>();
        if (since is { } from)
        {
            var (at, after) = (from, Guid.Empty);
            IReadOnlyList<Alert> page;
            do
            {
                page = await store.Alerts.ReadChangesAsync(at, after, AlertQuery.MaxLimit, end.Token);
                foreach (var alert in page)
                {
                    (at, after) = (alert.UpdatedAt, alert.Id);
                    told[alert.Id] = alert.UpdatedAt;
                    if (alert.UpdatedAt > from && IsWanted(alert))
                    {
                        yield return Event(alert);
                    }
                }
            }
            while (page.Count == AlertQuery.MaxLimit);
        }

        while (await NextAsync(queue.Reader, clock, end.Token) is { } next)
        {
            if (next.Alert is not { } alert)
            {
                yield return Ping();
            }
            else if (IsWanted(alert) && !(told.TryGetValue(alert.Id, out var at) && at >= alert.UpdatedAt))
            {
                yield return Event(alert);
            }
        }

        bool IsWanted(Alert alert) => sensors.Count == 0 || sensors.Contains(alert.SensorId);
    }

    /// <returns>An alert, or none when it is time for a ping; null: the connection ends.</returns>
    private static async Task<(Alert? Alert, bool _)?> NextAsync(ChannelReader<Alert> queue, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var pause = new CancellationTokenSource(PingInterval, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, pause.Token);
        try
        {
            return (await queue.ReadAsync(either.Token), true);
        }
        catch (ChannelClosedException)
        {
            return null;
        }
        catch (OperationCanceledException)
        {
            return cancellationToken.IsCancellationRequested ? null : (null, true);
        }
    }

    private static SseItem<AlertBody?> Event(Alert alert) =>
        new(AlertBody.Of(alert), AlertEvent) { EventId = alert.UpdatedAt.ToString(CultureInfo.InvariantCulture) };

    private static SseItem<AlertBody?> Ping() => new(null, PingEvent);
}
