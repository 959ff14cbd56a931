using GrainSensors.Contacts.Messages;
using GrainSensors.Contacts.Routes;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Contacts;

namespace GrainSensors.Contacts.Outbox;

/// <summary>Decides what is told when a timer of a group is due. It changes nothing by itself.</summary>
internal sealed class GroupTurn
{
    /// <summary>Windows of maintenance may be changed while they last.</summary>
    private static readonly long MutedCheck = EpochTime.From(TimeSpan.FromMinutes(1));

    private readonly AlertGroup _group;
    private readonly Route? _route;
    private readonly long _now;
    private readonly bool _isMuted;
    private readonly Dictionary<Guid, GroupMember> _members;

    private readonly List<Alert> _fresh = [];
    private readonly List<Alert> _open = [];
    private readonly List<Alert> _cleared = [];

    /// <param name="alerts">The alerts of the group as they are now.</param>
    /// <param name="route">Null: the routes have no such route any more.</param>
    private GroupTurn(AlertGroup group, IReadOnlyDictionary<Guid, Alert> alerts, Route? route, long now)
    {
        (_group, _route, _now, _isMuted) = (group, route, now, route?.MutedUntil(now) is not null);
        _members = new(group.Members);
        foreach (var (id, member) in group.Members.Where(member => member.Value.State != GroupMemberState.Gone))
        {
            Sort(id, member, alerts.GetValueOrDefault(id));
        }
    }

    /// <returns>The group to write, and the message to add; null: none.</returns>
    public static (AlertGroup Group, GroupMessage? Message) Decide(
        AlertGroup group, IReadOnlyDictionary<Guid, Alert> alerts, Route? route, long now)
    {
        var turn = new GroupTurn(group, alerts, route, now);
        var (after, message) = turn._isMuted ? (group, null)
            : group.DueAt <= now ? turn.TellChanges()
            : group.RepeatAt <= now ? turn.Remind()
            : group.StepAt <= now ? turn.Escalate()
            : (group, null);
        after = (after with { Members = turn._members }).WithNext();
        if (turn._isMuted)
        {
            after = after with { NextAt = Math.Min(route!.MutedUntil(now)!.Value, now + MutedCheck) };
        }

        return turn._members.Values.All(member => member.State == GroupMemberState.Gone)
            ? (after with { ClosedAt = now, DueAt = null, RepeatAt = null, StepAt = null, NextAt = null }, message)
            : (after, message);
    }

    private bool IsAnyTold => _members.Values.Any(member => member.State == GroupMemberState.Told);

    private IEnumerable<Alert> Unacknowledged => _open.Where(alert => alert.AcknowledgedAt is null);

    private void Sort(Guid id, GroupMember member, Alert? alert)
    {
        var isTold = member.State is GroupMemberState.Told or GroupMemberState.Cleared;
        if (alert is null)
        {
            Set(id, member, GroupMemberState.Gone); // the retention has removed it
        }
        else if (alert.ClearedAt is not null)
        {
            if (isTold || IsWorthTelling(alert))
            {
                _cleared.Add(alert);
            }
            else
            {
                Set(id, member, GroupMemberState.Gone);
            }
        }
        else if (!isTold && _route is null)
        {
            Set(id, member, GroupMemberState.Gone); // another route takes it
        }
        else if (alert.SilencedUntil is null)
        {
            (isTold ? _open : _fresh).Add(alert);
        }
    }

    /// <summary>It cleared before it was told, but not before it had to be told.</summary>
    private bool IsWorthTelling(Alert alert) =>
        _route is not null && !_isMuted && alert is { SilencedUntil: null, GroupAlert: null, AcknowledgedAt: null }
        && alert.ClearedAt - alert.LastRaisedAt >= EpochTime.From(_route.GroupWait);

    private (AlertGroup, GroupMessage?) TellChanges()
    {
        var number = _group.Messages + 1;
        foreach (var alert in _fresh)
        {
            _members[alert.Id] = new(alert.Occurrences, GroupMemberState.Told, _group.Members[alert.Id].Since ?? number);
        }

        foreach (var alert in _cleared)
        {
            _members[alert.Id] = new(alert.Occurrences, GroupMemberState.Gone, _group.Members[alert.Id].Since ?? number);
        }

        foreach (var alert in _open)
        {
            Set(alert.Id, _group.Members[alert.Id], GroupMemberState.Told);
        }

        var after = _group with { DueAt = null, RepeatAt = IsAnyTold ? _group.RepeatAt : null };
        if (_fresh.Count + _cleared.Count == 0)
        {
            return (after, null);
        }

        after = WithSteps(after) with { Messages = number, FlushedAt = _now, RepeatAt = IsAnyTold ? NextReminder() : null };
        IEnumerable<string> contacts = _fresh.Count > 0 || _group.Told.Count == 0
            ? (_route?.Contacts ?? []).Union(_group.Told)
            : _group.Told;
        return (
            after,
            new(IsAnyTold ? NotificationEvent.Raised : NotificationEvent.Cleared, null, [.. contacts])
            {
                Raised = _fresh,
                Open = _open,
                Cleared = _cleared,
            });
    }

    private (AlertGroup, GroupMessage?) Remind()
    {
        var after = _group with { RepeatAt = NextReminder() };
        return !Unacknowledged.Any()
            ? (after, null)
            : (
                after with { Messages = _group.Messages + 1 },
                Message(NoticeOccasion.Reminder, (_route?.Contacts ?? []).Union(_group.Told)));
    }

    private (AlertGroup, GroupMessage?) Escalate()
    {
        if (!Unacknowledged.Any())
        {
            return (_group with { Step = 0, StepAt = null }, null);
        }

        var steps = _route?.Steps ?? [];
        if (_group.Step >= steps.Count)
        {
            return (_group with { StepAt = null }, null);
        }

        var step = steps[_group.Step];
        var next = _group.Step + 1;
        return (
            _group with
            {
                Messages = _group.Messages + 1,
                Step = next,
                StepAt = next < steps.Count ? _group.StepAt + EpochTime.From(steps[next].After - step.After) : null,
            },
            Message(NoticeOccasion.Escalation, step.Contacts));
    }

    /// <summary>An escalation begins with the first alert that nobody has acknowledged, and anew after all were acknowledged.</summary>
    private AlertGroup WithSteps(AlertGroup after)
    {
        if (!IsAnyTold)
        {
            return after with { Step = 0, StepAt = null };
        }

        var isNew = _fresh.Exists(alert => alert.AcknowledgedAt is null) && (after.Step == 0 || !Unacknowledged.Any());
        return after.StepAt is null && isNew && _route?.Steps is [var first, ..]
            ? after with { Step = 0, StepAt = _now + EpochTime.From(first.After) }
            : after;
    }

    private long? NextReminder() =>
        _route is { RepeatInterval: var interval } && interval > TimeSpan.Zero ? _now + EpochTime.From(interval) : null;

    private GroupMessage Message(NoticeOccasion occasion, IEnumerable<string> contacts) =>
        new(NotificationEvent.Raised, occasion, [.. contacts]) { Open = [.. Unacknowledged] };

    private void Set(Guid id, GroupMember member, GroupMemberState state) => _members[id] = member with { State = state };
}

/// <summary>A message about a group.</summary>
/// <param name="Event">Cleared: no alert of the group is open any more.</param>
/// <param name="Occasion">Null: alerts have changed.</param>
internal sealed record GroupMessage(NotificationEvent Event, NoticeOccasion? Occasion, IReadOnlyList<string> Contacts)
{
    /// <summary>Alerts that no message has named before.</summary>
    public IReadOnlyList<Alert> Raised { get; init; } = [];

    public IReadOnlyList<Alert> Open { get; init; } = [];

    public IReadOnlyList<Alert> Cleared { get; init; } = [];
}
