using GrainSensors.Contacts.Routes;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Contacts;

namespace GrainSensors.Contacts.Outbox;

/// <summary>A group into which changes of alerts are entered.</summary>
/// <param name="group">As it was read.</param>
/// <param name="route">Null: the routes have no such route any more.</param>
internal sealed class GroupDraft(AlertGroup group, Route? route)
{
    private readonly Dictionary<Guid, GroupMember> _members = new(group.Members);
    private bool _isWaiting;
    private bool _isClearing;

    public string Key => group.Key;

    public bool IsOpen => group.ClosedAt is null;

    public bool HasChanged { get; private set; }

    /// <returns>Whether the change of the alert belongs to this group, or is known to it.</returns>
    public bool Enter(Alert alert) => _members.TryGetValue(alert.Id, out var member)
        && (IsOpen ? (alert.ClearedAt is null ? Open(alert, member) : Clear(alert, member))
            : alert.ClearedAt is not null && alert.Occurrences <= member.Occurrence);

    /// <summary>Adds an alert that is open, or one that cleared before it could be entered.</summary>
    public void Add(Alert alert) => Set(
        alert, alert.ClearedAt is null ? GroupMemberState.Waiting : GroupMemberState.Passed,
        _members.GetValueOrDefault(alert.Id)?.Since, isWaiting: true);

    /// <returns>The group to write.</returns>
    public AlertGroup ToGroup(long now)
    {
        var wait = EpochTime.From(route?.GroupWait ?? TimeSpan.Zero);
        var interval = EpochTime.From(route?.GroupInterval ?? TimeSpan.Zero);
        var earliest = group.FlushedAt + interval ?? now;
        var due = group.DueAt;
        if (_isWaiting)
        {
            due = Min(due, Math.Max(now + wait, earliest));
        }

        if (_isClearing && group.FlushedAt is not null)
        {
            // Further alerts of the group may clear soon. After the last one there is nothing to wait for.
            var isClear = !_members.Values.Any(member => member.State is GroupMemberState.Waiting or GroupMemberState.Told);
            due = Min(due, isClear ? Math.Max(now, earliest) : now + interval);
        }

        return (group with { Members = _members, DueAt = due }).WithNext();
    }

    private static long Min(long? one, long other) => one is { } given && given < other ? given : other;

    private bool Open(Alert alert, GroupMember member)
    {
        switch (member.State)
        {
            case GroupMemberState.Waiting or GroupMemberState.Told:
                if (member.State == GroupMemberState.Waiting && group.DueAt is null)
                {
                    Set(alert, GroupMemberState.Waiting, member.Since, isWaiting: true); // its silence has ended
                }

                return route is not null || member.State == GroupMemberState.Told;
            case GroupMemberState.Cleared:
                Set(alert, GroupMemberState.Told, member.Since);
                return true;
            case GroupMemberState.Passed:
                Set(alert, GroupMemberState.Waiting, member.Since, isWaiting: true);
                return true;
            default:
                if (route is null || alert.Occurrences <= member.Occurrence)
                {
                    return false;
                }

                Set(alert, GroupMemberState.Waiting, member.Since, isWaiting: true);
                return true;
        }
    }

    private bool Clear(Alert alert, GroupMember member)
    {
        switch (member.State)
        {
            case GroupMemberState.Waiting:
                Set(alert, GroupMemberState.Passed, member.Since, isClearing: true);
                return true;
            case GroupMemberState.Told:
                Set(alert, GroupMemberState.Cleared, member.Since, isClearing: true);
                return true;
            default:
                // An occurrence that nobody saw is added.
                return member.State != GroupMemberState.Gone || alert.Occurrences <= member.Occurrence;
        }
    }

    private void Set(Alert alert, GroupMemberState state, int? since, bool isWaiting = false, bool isClearing = false)
    {
        _members[alert.Id] = new(alert.Occurrences, state, since);
        _isWaiting |= isWaiting;
        _isClearing |= isClearing;
        HasChanged = true;
    }
}
