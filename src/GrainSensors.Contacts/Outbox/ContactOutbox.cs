using GrainSensors.Contacts.Delivery;
using GrainSensors.Contacts.Points;
using GrainSensors.Contacts.Routes;
using GrainSensors.Grains.Alerts;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Contacts;

namespace GrainSensors.Contacts.Outbox;

/// <summary>
/// Puts notifications into the table <c>notifications</c>, and sends what is due there. Routes group the changes of alerts; without routes,
/// each change of an alert is a notification for each contact point. The notifier grain of its key runs it, on one silo of the cluster.
/// </summary>
/// <remarks>
/// Ids of notifications follow from the changes. So a change that is read again after a crash adds no second notification, and one that was
/// not added is added then.
/// </remarks>
internal sealed class ContactOutbox(
    ContactPoints points, RouteBook routes, AlertGroups groups, INotificationStore notifications, NoticeMaker notices,
    NotificationSender sender) : IAlertReceiver
{
    /// <summary>0 is the webhook's, and odd keys are those of MQTT brokers.</summary>
    public long Key => 2;

    public string Description => "the outbox of notifications";

    /// <summary>An open alert whose silence has ended is added then; one that was added stays as it is.</summary>
    public TimeSpan RepeatInterval { get; } = TimeSpan.FromMinutes(1);

    /// <remarks>The table knows which alerts were notified of.</remarks>
    public bool TakesEachClearing => true;

    public async Task SendAsync(IReadOnlyCollection<Alert> alerts, CancellationToken cancellationToken)
    {
        var enabled = (await points.ReadAsync(cancellationToken)).Where(point => point.IsEnabled).ToList();
        var tree = await routes.TreeAsync(cancellationToken);
        var changes = (
            from point in enabled
            from alert in alerts
            select new Change(
                point, alert, IdOf(point, alert, NotificationEvent.Raised), IdOf(point, alert, NotificationEvent.Cleared))).ToList();
        var known = changes.Count == 0 ? new HashSet<Guid>() : await notifications.FindKnownAsync(
            [.. changes.SelectMany(change => new[] { change.Raised, change.Cleared })], cancellationToken);

        // An alert that was told without a group clears without one, also if there are routes now.
        var told = changes.Where(change => known.Contains(change.Raised)).Select(change => change.Alert.Id).ToHashSet();
        var alone = (await groups.TakeAsync(alerts, tree, told, cancellationToken)).Select(alert => alert.Id).ToHashSet();
        var missing = changes.Where(change => alone.Contains(change.Alert.Id))
            .SelectMany(change => MissingOf(change, known))
            .Where(added => tree is null || added.Event == NotificationEvent.Cleared)
            .ToList();
        if (missing.Count == 0)
        {
            return;
        }

        var places = await notices.PlacesAsync(missing.Select(added => added.Alert), cancellationToken);
        await notifications.AddAsync(
            [
                .. missing.Select(added => new NewNotification(
                    IdOf(added.Point, added.Alert, added.Event), added.Point.Name, added.Alert.Id, added.Alert.Occurrences, added.Event,
                    notices.Of(added.Alert, added.Event, places.GetValueOrDefault(added.Alert.SensorId)).ToJson())),
            ],
            cancellationToken);
    }

    public async Task ContinueAsync(CancellationToken cancellationToken)
    {
        await groups.AddDueAsync(await routes.TreeAsync(cancellationToken), cancellationToken);
        await sender.StartAsync(cancellationToken);
    }

    /// <summary>
    /// A clearing is notified of where the raising was, and both where an alert was raised and cleared between two reads. One that is
    /// silenced, older than the contact point, or told with its group, is not.
    /// </summary>
    private static IEnumerable<(ContactPoint Point, Alert Alert, NotificationEvent Event)> MissingOf(
        Change change, IReadOnlySet<Guid> known)
    {
        var (point, alert) = (change.Point, change.Alert);
        var isRaisedKnown = known.Contains(change.Raised);
        if (alert.ClearedAt is null)
        {
            return isRaisedKnown ? [] : [(point, alert, NotificationEvent.Raised)];
        }

        if (isRaisedKnown)
        {
            return known.Contains(change.Cleared) ? [] : [(point, alert, NotificationEvent.Cleared)];
        }

        return alert is { SilencedUntil: null, GroupAlert: null, AcknowledgedAt: null }
            && alert.LastRaisedAt >= (point.ChangedAt ?? long.MinValue)
            ? [(point, alert, NotificationEvent.Raised), (point, alert, NotificationEvent.Cleared)]
            : [];
    }

    private static Guid IdOf(ContactPoint point, Alert alert, NotificationEvent happened) =>
        NotificationId.Of(point.Name, alert.Id, alert.Occurrences, happened);

    /// <param name="Raised">The id of the notification of the raising.</param>
    /// <param name="Cleared">The id of the notification of the clearing.</param>
    private sealed record Change(ContactPoint Point, Alert Alert, Guid Raised, Guid Cleared);
}
