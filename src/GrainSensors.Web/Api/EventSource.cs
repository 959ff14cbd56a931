using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using GrainSensors.Ingest.Streams;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using GrainSensors.Web.Views;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Api;

/// <summary>What somebody wants to be told of.</summary>
[Flags]
internal enum EventTypes
{
    None = 0,
    Alert = 1,
    Window = 2,
    All = Alert | Window,
}

/// <summary>Tells everybody who listens, at his own pace, of alerts out of the store and of closed windows out of their topic.</summary>
internal sealed class EventSource(AlertView alerts, ClosedWindowView windows, IStore store, TimeProvider clock, IOptions<JsonOptions> json)
{
    private const string AlertEvent = "alert";
    private const string WindowEvent = "window";
    private const string PingEvent = "ping";

    /// <summary>Events that wait for a slow client; it is then cut off, and comes back for what it has not seen.</summary>
    private const int Capacity = 10_000;

    /// <summary>Messages that are read again at once for somebody who has come back.</summary>
    private const int MissedAtOnce = 1000;

    /// <summary>Proxies end connections on which nothing is said.</summary>
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <param name="place">From where on; is kept up to date.</param>
    /// <param name="isBack">He has been told up to there, and wants what has happened since.</param>
    public async IAsyncEnumerable<SseItem<byte[]>> ListenAsync(
        EventTypes types,
        Func<int, bool> isWanted,
        EventPlace place,
        bool isBack,
        CancellationToken stopping,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        var queue = Channel.CreateBounded<Happened>(new BoundedChannelOptions(Capacity) { SingleReader = true, AllowSynchronousContinuations = false });
        var hasWindows = types.HasFlag(EventTypes.Window) && windows.IsThere;
        using var alertWatch = types.HasFlag(EventTypes.Alert) ? alerts.Watch(changes => Put(queue.Writer, changes.Select(alert => new Happened(alert, null)))) : null;
        using var windowWatch = hasWindows ? windows.Watch(closed => Put(queue.Writer, closed.Select(window => new Happened(null, window)))) : null;
        yield return Item([], PingEvent, place);

        if (hasWindows)
        {
            await windows.ReadyAsync(end.Token).WaitAsync(Patience, clock, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var told = new Dictionary<Guid, long>();
        if (isBack && types.HasFlag(EventTypes.Alert))
        {
            await foreach (var alert in MissedAlertsAsync(place.Alerts, end.Token))
            {
                told[alert.Id] = alert.UpdatedAt;
                place.PassAlert(alert.UpdatedAt);
                if (isWanted(alert.SensorId))
                {
                    yield return Item(alert, place);
                }
            }
        }

        for (var hasJoined = !hasWindows; ;)
        {
            if (!hasJoined && windows.Positions is { Count: > 0 } now)
            {
                // What comes from there on is in the queue.
                hasJoined = true;
                await foreach (var window in MissedWindowsAsync(place.Windows, now, end.Token))
                {
                    if (place.PassWindow(window.Partition, window.Offset) && isWanted(window.SensorId))
                    {
                        yield return Item(window, place);
                    }
                }

                if (end.IsCancellationRequested)
                {
                    // Not all of them have been told.
                    yield break;
                }

                place.PassWindows(now);
                yield return Item([], PingEvent, place);
            }

            if (await NextAsync(queue.Reader, end.Token) is not { } next)
            {
                yield break;
            }

            if (next.Alert is { } alert)
            {
                place.PassAlert(alert.UpdatedAt);
                if (isWanted(alert.SensorId) && !(told.TryGetValue(alert.Id, out var at) && at >= alert.UpdatedAt))
                {
                    yield return Item(alert, place);
                }
            }
            else if (next.Window is { } window)
            {
                // Before the missed ones are told, those of their partitions have to wait: they are among them.
                if ((hasJoined || !place.Windows.ContainsKey(window.Partition)) && place.PassWindow(window.Partition, window.Offset) && isWanted(window.SensorId))
                {
                    yield return Item(window, place);
                }
            }
            else
            {
                yield return Item([], PingEvent, place);
            }
        }
    }

    private static void Put(ChannelWriter<Happened> queue, IEnumerable<Happened> events)
    {
        foreach (var happened in events)
        {
            if (!queue.TryWrite(happened))
            {
                queue.TryComplete();
            }
        }
    }

    private async IAsyncEnumerable<Alert> MissedAlertsAsync(long since, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (at, after) = (since, Guid.Empty);
        IReadOnlyList<Alert> page;
        do
        {
            try
            {
                page = await store.Alerts.ReadChangesAsync(at, after, AlertQuery.MaxLimit, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                yield break;
            }

            foreach (var alert in page)
            {
                (at, after) = (alert.UpdatedAt, alert.Id);
                if (alert.UpdatedAt > since)
                {
                    yield return alert;
                }
            }
        }
        while (page.Count == AlertQuery.MaxLimit);
    }

    /// <param name="from">Empty: nothing was missed.</param>
    /// <param name="to">Exclusive.</param>
    private async IAsyncEnumerable<ClosedWindowEvent> MissedWindowsAsync(
        IReadOnlyDictionary<int, long> from, IReadOnlyDictionary<int, long> to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!to.Any(at => from.TryGetValue(at.Key, out var position) && position != at.Value))
        {
            yield break;
        }

        using var log = await windows.OpenAsync(new Dictionary<int, long>(from));
        while (!cancellationToken.IsCancellationRequested && to.Any(at => log.Positions.TryGetValue(at.Key, out var position) && position < at.Value))
        {
            foreach (var window in await Task.Run(() => log.Read(MissedAtOnce, Patience), CancellationToken.None))
            {
                if (to.TryGetValue(window.Partition, out var end) && window.Offset < end)
                {
                    yield return window;
                }
            }
        }
    }

    /// <returns>What has happened, or nothing when it is time for a ping; null: the connection ends.</returns>
    private async Task<Happened?> NextAsync(ChannelReader<Happened> queue, CancellationToken cancellationToken)
    {
        using var pause = new CancellationTokenSource(PingInterval, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, pause.Token);
        try
        {
            return await queue.ReadAsync(either.Token);
        }
        catch (ChannelClosedException)
        {
            return null;
        }
        catch (OperationCanceledException)
        {
            return cancellationToken.IsCancellationRequested ? null : default(Happened);
        }
    }

    private SseItem<byte[]> Item(Alert alert, EventPlace place) =>
        Item(JsonSerializer.SerializeToUtf8Bytes(AlertBody.Of(alert), json.Value.SerializerOptions), AlertEvent, place);

    private static SseItem<byte[]> Item(ClosedWindowEvent window, EventPlace place) => Item(window.Json.ToArray(), WindowEvent, place);

    private static SseItem<byte[]> Item(byte[] data, string type, EventPlace place) => new(data, type) { EventId = place.ToString() };

    /// <summary>One of the two, or neither.</summary>
    private readonly record struct Happened(Alert? Alert, ClosedWindowEvent? Window);
}
