using System.Text.Json;
using GrainSensors.Contacts.Delivery;
using GrainSensors.Contacts.Points;
using GrainSensors.Contacts.Routes;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Contacts;
using GrainSensors.Storage.Labels;

namespace GrainSensors.Contacts.Outbox;

/// <summary>Puts alerts into the groups of their routes, and adds the messages of groups to the outbox when they are due.</summary>
internal sealed class AlertGroups(
    IAlertGroupStore groups, IAlertStore alerts, ContactPoints points, NoticeMaker notices, TimeProvider clock)
{
    private const int Attempts = 3;
    private const int MaxDue = 100;

    /// <param name="tree">Null: there are no routes, and no alert gets into a new group.</param>
    /// <param name="toldAlone">Alerts that contact points were told of without a group.</param>
    /// <returns>The alerts that belong to no group.</returns>
    /// <exception cref="AlertDeliveryException">Another process writes the same groups.</exception>
    public async Task<IReadOnlyList<Alert>> TakeAsync(
        IReadOnlyCollection<Alert> changed, RouteTree? tree, IReadOnlySet<Guid> toldAlone, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var drafts = (await groups.FindOfAlertsAsync([.. changed.Select(alert => alert.Id)], cancellationToken))
                .Select(group => new GroupDraft(group, tree?.Find(group.Route))).ToList();
            var free = changed.Where(alert => !EnterAll(drafts, alert)).ToList();
            if (tree is not null)
            {
                var routed = free.Where(alert => !toldAlone.Contains(alert.Id)).ToList();
                await RouteAsync(routed, tree, drafts, cancellationToken);
                free = [.. free.Except(routed)];
            }

            var now = EpochTime.Now(clock);
            var written = drafts.Where(draft => draft.HasChanged).Select(draft => draft.ToGroup(now)).ToList();
            if (written.Count == 0 || await groups.WriteAsync(written, [], cancellationToken))
            {
                return free;
            }
        }

        throw new AlertDeliveryException("Another process writes the same groups of alerts.");
    }

    /// <summary>Adds the messages that are due to the outbox.</summary>
    public async Task AddDueAsync(RouteTree? tree, CancellationToken cancellationToken)
    {
        var due = await groups.ReadDueAsync(MaxDue, cancellationToken);
        if (due.Count == 0)
        {
            return;
        }

        var enabled = (await points.ReadAsync(cancellationToken)).Where(point => point.IsEnabled).Select(point => point.Name).ToHashSet();
        foreach (var group in due)
        {
            await AddAsync(group, tree?.Find(group.Route), enabled, cancellationToken);
        }
    }

    /// <returns>Whether a group has the change.</returns>
    private static bool EnterAll(List<GroupDraft> drafts, Alert alert)
    {
        // Without a short circuit: an alert may be in groups of several routes.
        var isIn = false;
        foreach (var draft in drafts)
        {
            isIn |= draft.Enter(alert);
        }

        return isIn;
    }

    private async Task RouteAsync(
        IReadOnlyList<Alert> routed, RouteTree tree, List<GroupDraft> drafts, CancellationToken cancellationToken)
    {
        var wanted = routed.Where(alert => alert.ClearedAt is null || WasMissed(alert, tree)).ToList();
        if (wanted.Count == 0)
        {
            return;
        }

        var places = await notices.PlacesAsync(wanted, cancellationToken);
        var targets = (
            from alert in wanted
            let labels = AlertLabels.Of(alert, places.GetValueOrDefault(alert.SensorId))
            from route in tree.Of(labels)
            where alert.ClearedAt is not { } cleared || cleared - alert.LastRaisedAt >= EpochTime.From(route.GroupWait)
            let common = route.GroupOf(labels)
            select (Alert: alert, Route: route, Labels: common, Key: $"{route.Key}|{JsonSerializer.Serialize(common)}")).ToList();
        var missing = targets.Select(target => target.Key).Except(drafts.Where(draft => draft.IsOpen).Select(draft => draft.Key)).ToList();
        drafts.AddRange((await groups.FindOpenAsync(missing, cancellationToken))
            .Select(group => new GroupDraft(group, tree.Find(group.Route))));
        var byKey = drafts.Where(draft => draft.IsOpen).ToDictionary(draft => draft.Key, StringComparer.Ordinal);
        var now = EpochTime.Now(clock);
        foreach (var (alert, route, labels, key) in targets)
        {
            if (!byKey.TryGetValue(key, out var draft))
            {
                var id = NotificationId.Of(key, alert.Id, alert.Occurrences, NotificationEvent.Raised);
                draft = byKey[key] = new(new(id, key, route.Key, labels, now), route);
                drafts.Add(draft);
            }

            draft.Add(alert);
        }
    }

    /// <summary>The alert was raised and cleared between two reads.</summary>
    private static bool WasMissed(Alert alert, RouteTree tree) =>
        alert is { SilencedUntil: null, GroupAlert: null, AcknowledgedAt: null } && alert.LastRaisedAt >= tree.ChangedAt;

    private async Task AddAsync(AlertGroup group, Route? route, HashSet<string> enabled, CancellationToken cancellationToken)
    {
        var active = group.Members.Where(member => member.Value.State != GroupMemberState.Gone).Select(member => member.Key);
        var members = await alerts.FindAllAsync(active, cancellationToken);
        var (after, message) = GroupTurn.Decide(group, members, route, EpochTime.Now(clock));
        var added = new List<NewNotification>();
        if (message is not null)
        {
            var contacts = message.Contacts.Where(enabled.Contains).Distinct().ToList();
            var listed = message.Raised.Concat(message.Open).Concat(message.Cleared);
            var places = await notices.PlacesAsync(listed, cancellationToken);
            var notice = GroupNotice.Of(after, message, notices, places);
            added.AddRange(contacts.Select(contact => new NewNotification(
                NotificationId.Of(contact, group.Id, after.Messages, message.Event), contact, group.Id, after.Messages, message.Event,
                notice.ToJson(), group.Id)));
            after = after with { Told = [.. group.Told.Union(contacts)] };
        }

        // False: another process has added the message.
        await groups.WriteAsync([after], added, cancellationToken);
    }
}
