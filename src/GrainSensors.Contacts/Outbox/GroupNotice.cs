using GrainSensors.Contacts.Delivery;
using GrainSensors.Contacts.Messages;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Contacts;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Contacts.Outbox;

/// <summary>Writes the notice of a group: that of a single alert, or a list with what the alerts have in common.</summary>
internal static class GroupNotice
{
    /// <summary>Of one message; the numbers count all.</summary>
    private const int MaxAlerts = 1000;

    public static Notice Of(
        AlertGroup group, GroupMessage message, NoticeMaker maker, IReadOnlyDictionary<int, RegisteredSensor> places)
    {
        List<Notice> all =
        [
            .. message.Raised.Concat(message.Open).Select(alert => NoticeOf(alert, NotificationEvent.Raised)),
            .. message.Cleared.Select(alert => NoticeOf(alert, NotificationEvent.Cleared)),
        ];
        var first = all[0] with
        {
            Event = message.Event,
            Occasion = message.Occasion,
            GroupId = group.Id,
            GroupLabels = group.Labels.Count == 0 ? null : group.Labels,
        };
        if (all.Count == 1)
        {
            return first;
        }

        var (open, cleared) = (all.Count - message.Cleared.Count, message.Cleared.Count);
        var worst = all.Find(notice => notice.Level == "ERROR") ?? all[0];
        return first with
        {
            Occurrence = group.Messages,
            SensorGroup = null,
            DisplayName = null,
            City = Common(notice => notice.City),
            Station = Common(notice => notice.Station),
            Measurement = Common(notice => notice.Measurement),
            Tags = all[0].Tags.Where(tag => all.TrueForAll(notice => notice.Tags.GetValueOrDefault(tag.Key) == tag.Value)).ToDictionary(),
            Kind = worst.Kind,
            Rule = Common(notice => notice.Rule),
            Runbook = Common(notice => notice.Runbook),
            Labels = null,
            AlertLabels = null,
            Level = worst.Level,
            Message = Text(open, cleared),
            RaisedAt = all.Min(notice => notice.RaisedAt),
            ClearedAt = message.Event == NotificationEvent.Cleared ? all.Max(notice => notice.ClearedAt) : null,
            Value = null,
            Expected = null,
            Url = maker.AlertsUrl,
            OpenAlerts = open,
            ClearedAlerts = cleared,
            Alerts = [.. all.Take(MaxAlerts).Select(notice => notice.ToItem())],
        };

        Notice NoticeOf(Alert alert, NotificationEvent happened) => maker.Of(alert, happened, places.GetValueOrDefault(alert.SensorId));

        string? Common(Func<Notice, string?> member) => all.TrueForAll(notice => member(notice) == member(all[0])) ? member(all[0]) : null;
    }

    private static string Text(int open, int cleared) =>
        cleared == 0 ? $"{open} open alerts"
        : open == 0 ? $"{cleared} cleared alerts"
        : $"{open} open alert{(open == 1 ? "" : "s")}, {cleared} cleared";
}
