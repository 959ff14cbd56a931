using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using GrainSensors.Ingest.Streams;
using GrainSensors.Storage.Alerts;
using GrainSensors.Web.Views;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Api;

/// <summary>Streams alert changes from the store and closed windows from their topic, to each client at its own pace.</summary>
internal sealed class EventSource(
    AlertView alerts,
    ClosedWindowView windows,
    MissedAlerts missedAlerts,
    MissedWindows missedWindows,
    TimeProvider clock,
    IOptions<JsonOptions> json)
{
    private const string AlertEvent = "alert";
    private const string WindowEvent = "window";
    private const string PingEvent = "ping";

    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(2);

    public async IAsyncEnumerable<SseItem<byte[]>> ListenAsync(
        EventSubscription client, CancellationToken stopping, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        var hasAlerts = client.Types.HasFlag(EventTypes.Alert);
        var hasWindows = client.Types.HasFlag(EventTypes.Window) && windows.IsEnabled;
        using var queue = new EventQueue(hasAlerts ? alerts : null, hasWindows ? windows : null, clock);
        yield return Ping(client.Place);

        // From here on the queue receives every change that the missed ones do not include.
        await ReadyAsync(hasWindows ? windows.ReadyAsync(end.Token) : Task.CompletedTask, end.Token);
        await ReadyAsync(hasAlerts && client.IsResumed ? alerts.ReadyAsync(end.Token) : Task.CompletedTask, end.Token);

        var read = new Dictionary<Guid, long>();
        await foreach (var item in MissedAlertsAsync(client, read, end.Token))
        {
            yield return item;
        }

        for (var hasJoined = !hasWindows; ;)
        {
            if (!hasJoined && windows.Positions is { Count: > 0 } joined)
            {
                // The queue has the windows from these positions on.
                hasJoined = true;
                var missed = missedWindows.Read(client.Place.Windows, joined, end.Token);
                await foreach (var item in MissedWindowsAsync(client, missed, joined))
                {
                    yield return item;
                }

                if (!missed.IsComplete)
                {
                    // The client resumes after the last event that it received.
                    yield break;
                }
            }

            if (await queue.NextAsync(end.Token) is not { } next)
            {
                yield break;
            }

            if (ItemOf(next, client, read, hasJoined) is { } due)
            {
                yield return due;
            }
        }
    }

    /// <summary>Waits for a view, but not for long: the stream also serves clients during an outage of Kafka or the store.</summary>
    private async Task ReadyAsync(Task ready, CancellationToken cancellationToken) =>
        await ready.WaitAsync(ReadyTimeout, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <param name="read">Receives the stamps of the changes that were read, by alert; the queue can have them too.</param>
    private async IAsyncEnumerable<SseItem<byte[]>> MissedAlertsAsync(
        EventSubscription client, Dictionary<Guid, long> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!client.IsResumed || !client.Types.HasFlag(EventTypes.Alert))
        {
            yield break;
        }

        var isReceived = client.Place.Alerts.ReceivedBefore();
        await foreach (var alert in missedAlerts.ReadAsync(client.Place.Alerts, cancellationToken))
        {
            read[alert.Id] = alert.UpdatedAt;
            if (!isReceived(alert) && ItemOf(alert, client) is { } item)
            {
                yield return item;
            }
        }
    }

    /// <summary>Ends with a ping whose id has the positions; without it when incomplete, since the client misses the rest.</summary>
    private static async IAsyncEnumerable<SseItem<byte[]>> MissedWindowsAsync(
        EventSubscription client, MissedRange missed, IReadOnlyDictionary<int, long> joined)
    {
        await foreach (var window in missed.WindowsAsync())
        {
            if (ItemOf(window, client) is { } item)
            {
                yield return item;
            }
        }

        if (missed.IsComplete)
        {
            client.Place.PassWindows(joined);
            yield return Ping(client.Place);
        }
    }

    private SseItem<byte[]>? ItemOf(StreamEvent next, EventSubscription client, Dictionary<Guid, long> read, bool hasJoined) => next switch
    {
        { Alert: { } alert } => read.TryGetValue(alert.Id, out var at) && at >= alert.UpdatedAt ? null : ItemOf(alert, client),

        // Until the stream has joined, windows of partitions with a place are among the missed ones.
        { Window: { } window } => hasJoined || !client.Place.Windows.ContainsKey(window.Partition) ? ItemOf(window, client) : null,
        _ => Ping(client.Place),
    };

    private SseItem<byte[]>? ItemOf(Alert alert, EventSubscription client)
    {
        if (!client.IsWanted($"{alert.Sensor}"))
        {
            client.Place.Alerts.Skip(alert);
            return null;
        }

        client.Place.Alerts.Send(alert);
        return Item(JsonSerializer.SerializeToUtf8Bytes(AlertBody.Of(alert), json.Value.SerializerOptions), AlertEvent, client.Place);
    }

    private static SseItem<byte[]>? ItemOf(ClosedWindowEvent window, EventSubscription client) =>
        client.Place.PassWindow(window.Partition, window.Offset) && client.IsWanted($"{window.Sensor}")
            ? Item(window.Json.ToArray(), WindowEvent, client.Place)
            : null;

    private static SseItem<byte[]> Ping(EventPlace place) => Item([], PingEvent, place);

    private static SseItem<byte[]> Item(byte[] data, string type, EventPlace place) => new(data, type) { EventId = place.ToString() };
}
