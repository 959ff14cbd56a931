using System.Collections.Concurrent;
using GrainSensors.Contacts.Acknowledgement;
using GrainSensors.Contacts.Points;
using GrainSensors.Storage.Contacts;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Contacts.Delivery;

/// <summary>Sends due notifications, for each contact point one after the other. A slow receiver does not hold up the others.</summary>
internal sealed class NotificationSender(
    ContactPoints points, INotificationStore notifications, AcknowledgeLinks links, DeliverySettings settings, ContactMetrics metrics,
    TimeProvider clock, ILogger<NotificationSender> logger) : IAsyncDisposable
{
    /// <summary>Time of the attempts that are under way at the end of the process.</summary>
    private static readonly TimeSpan Ending = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, DeliveryLane> _lanes = new(StringComparer.Ordinal);

    /// <summary>Starts to send what is due, and returns at once. Callers repeat it about every second.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var all = await points.ReadAsync(cancellationToken);
        foreach (var gone in _lanes.Keys.Except(all.Select(point => point.Name)))
        {
            _lanes.TryRemove(gone, out _);
        }

        foreach (var point in all.Where(point => point is { IsEnabled: true, Problem: null }))
        {
            _lanes.GetOrAdd(point.Name, _ => new(notifications, links, settings, metrics, clock, logger))
                .Start(point, points.Rules.Find(point.Kind)!, _stop.Token);
        }
    }

    /// <returns>A task that completes when no attempt is under way.</returns>
    internal Task IdleAsync() => Task.WhenAll(_lanes.Values.Select(lane => lane.Running));

    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes.Values)
        {
            lane.End();
        }

        await Task.WhenAny(IdleAsync(), Task.Delay(Ending));
        await _stop.CancelAsync();
        await IdleAsync();
        _stop.Dispose();
    }
}
