using GrainSensors.Contacts.Points;
using GrainSensors.Grains.Alerts;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Contacts;

namespace GrainSensors.Contacts.Delivery;

/// <summary>
/// Puts a notification for each change of an alert and each contact point into the table <c>notifications</c>, and sends what is due there.
/// The notifier grain of its key runs it, on one silo of the cluster.
/// </summary>
/// <remarks>
/// Ids of notifications follow from the changes. So a change that is read again after a crash adds no second notification, and one that was
/// not added is added then.
/// </remarks>
internal sealed class ContactOutbox(
    ContactPoints points, INotificationStore notifications, NoticeMaker notices, NotificationSender sender) : IAlertReceiver
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
        if (enabled.Count == 0)
        {
            return;
        }

        var changes = (
            from point in enabled
            from alert in alerts
            select new Change(
                point, alert, IdOf(point, alert, NotificationEvent.Raised), IdOf(point, alert, NotificationEvent.Cleared))).ToList();
        var known = await notifications.FindKnownAsync(
            [.. changes.SelectMany(change => new[] { change.Raised, change.Cleared })], cancellationToken);
        var missing = changes.SelectMany(change => MissingOf(change, known)).ToList();
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

    public Task ContinueAsync(CancellationToken cancellationToken) => sender.StartAsync(cancellationToken);

    /// <summary>
    /// A clearing is notified of where the raising was, and both where an alert was raised and cleared between two reads. One that is
    /// silenced, or older than the contact point, is not.
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

        return alert.SilencedUntil is null && alert.AcknowledgedAt is null && alert.LastRaisedAt >= (point.ChangedAt ?? long.MinValue)
            ? [(point, alert, NotificationEvent.Raised), (point, alert, NotificationEvent.Cleared)]
            : [];
    }

    private static Guid IdOf(ContactPoint point, Alert alert, NotificationEvent happened) =>
        NotificationId.Of(point.Name, alert.Id, alert.Occurrences, happened);

    /// <param name="Raised">The id of the notification of the raising.</param>
    /// <param name="Cleared">The id of the notification of the clearing.</param>
    private sealed record Change(ContactPoint Point, Alert Alert, Guid Raised, Guid Cleared);
}
