using GrainSensors.Contacts.Points;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Contacts;

namespace GrainSensors.Contacts.Acknowledgement;

/// <summary>Acknowledges the alerts of a message for those who have its link.</summary>
public sealed class AlertAcknowledger(AcknowledgeLinks links, ContactPoints points, IAlertStore alerts, IAlertGroupStore groups)
{
    /// <summary>Reads what the link is for, and changes nothing.</summary>
    public async Task<LinkedAlerts> FindAsync(string token, CancellationToken cancellationToken)
    {
        if (links.Open(token) is not { } ticket)
        {
            return new(LinkState.Invalid, null);
        }

        if (links.IsExpired(ticket))
        {
            return new(LinkState.Expired, null);
        }

        return await points.FindAsync(ticket.Contact, cancellationToken) is null ? new(LinkState.Withdrawn, null)
            : ticket.IsGroup ? await OfGroupAsync(ticket, cancellationToken)
            : await OfAlertAsync(ticket, cancellationToken);
    }

    /// <summary>Acknowledges the alerts that wait.</summary>
    /// <param name="person">The name that the request gives, which nobody has checked.</param>
    /// <returns>The alerts that it has acknowledged. Those that somebody else acknowledged meanwhile stay as they are.</returns>
    public async Task<IReadOnlyList<Alert>> AcknowledgeAsync(
        LinkedAlerts linked, string? person, string? note, CancellationToken cancellationToken)
    {
        if (linked is not { Ticket: { } ticket, Waiting.Count: > 0 })
        {
            return [];
        }

        var acknowledged = await alerts.AcknowledgeOpenAsync(
            linked.Waiting.ToDictionary(alert => alert.Id, alert => alert.Occurrences), ActorOf(ticket), person, note, cancellationToken);
        return [.. linked.Waiting.Where(alert => acknowledged.Contains(alert.Id))];
    }

    /// <returns>The name of those who acknowledge by the link.</returns>
    public static string ActorOf(AcknowledgeTicket ticket) => $"link of {ticket.Contact}";

    private async Task<LinkedAlerts> OfAlertAsync(AcknowledgeTicket ticket, CancellationToken cancellationToken)
    {
        if (await alerts.FindAsync(ticket.Id, cancellationToken) is not { } alert)
        {
            return new(LinkState.Gone, null);
        }

        var linked = new LinkedAlerts(LinkState.Valid, ticket);
        return alert.Status != AlertStatus.Raised ? linked with { Done = [alert] }
            : alert.Occurrences > ticket.Number ? linked with { Newer = 1 }
            : linked with { Waiting = [alert] };
    }

    private async Task<LinkedAlerts> OfGroupAsync(AcknowledgeTicket ticket, CancellationToken cancellationToken)
    {
        if (await groups.FindAsync(ticket.Id, cancellationToken) is not { } group)
        {
            return new(LinkState.Gone, null);
        }

        var found = await alerts.FindAllAsync(group.Members.Keys, cancellationToken);
        var members = group.Members.Where(member => found.ContainsKey(member.Key))
            .Select(member => (Member: member.Value, Alert: found[member.Key]))
            .OrderByDescending(member => member.Alert.LastRaisedAt).ThenBy(member => member.Alert.Id)
            .ToLookup(member => IsNamed(member.Member, ticket), member => member);
        var waiting = members[true].Where(IsWaiting).Select(member => member.Alert).ToList();
        var newer = members[false].Count(IsWaiting);
        return members[true].Any() || newer > 0
            ? new(LinkState.Valid, ticket)
            {
                Waiting = waiting,
                Done = [.. members[true].Select(member => member.Alert).Except(waiting)],
                Newer = newer,
            }
            : new(LinkState.Gone, null);
    }

    /// <returns>Whether the message, or one before it, names the alert. One that waits was raised again since.</returns>
    private static bool IsNamed(GroupMember member, AcknowledgeTicket ticket) =>
        member.Since <= ticket.Number && member.State != GroupMemberState.Waiting;

    /// <summary>An alert that has left the group may be open in another one.</summary>
    private static bool IsWaiting((GroupMember Member, Alert Alert) member) =>
        member.Alert.Status == AlertStatus.Raised && member.Alert.Occurrences == member.Member.Occurrence
        && member.Member.State is GroupMemberState.Told or GroupMemberState.Waiting;
}
