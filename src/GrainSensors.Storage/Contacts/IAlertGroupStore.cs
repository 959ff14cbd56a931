using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Contacts;

/// <summary>The tables <c>alert_groups</c> and <c>alert_group_members</c>: alerts that messages name together.</summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface IAlertGroupStore
{
    /// <returns>The group; null: there is none.</returns>
    Task<AlertGroup?> FindAsync(Guid id, CancellationToken cancellationToken);

    /// <returns>The open groups of the keys.</returns>
    Task<IReadOnlyList<AlertGroup>> FindOpenAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken);

    /// <returns>The groups that have one of the alerts, also closed ones.</returns>
    Task<IReadOnlyList<AlertGroup>> FindOfAlertsAsync(IReadOnlyCollection<Guid> alertIds, CancellationToken cancellationToken);

    /// <param name="limit">The maximum number of groups.</param>
    /// <returns>The open groups whose time has come, the earliest first.</returns>
    Task<IReadOnlyList<AlertGroup>> ReadDueAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Writes groups and adds notifications, in one transaction.</summary>
    /// <param name="groups">
    /// Groups with the revision that was read, and 0 for a new one. Members that are absent stay as they are.
    /// </param>
    /// <returns>False: another process has written one of the groups, and nothing was written.</returns>
    Task<bool> WriteAsync(
        IReadOnlyCollection<AlertGroup> groups, IReadOnlyCollection<NewNotification> notifications, CancellationToken cancellationToken);
}

/// <summary>Alerts of a route that messages name together, and the timers of those messages. Times in µs since the epoch.</summary>
/// <param name="Key">The route and the labels; at most one group of a key is open.</param>
/// <param name="Route">The key of the route.</param>
public sealed record AlertGroup(Guid Id, string Key, string Route, IReadOnlyDictionary<string, string> Labels, long CreatedAt)
{
    /// <summary>The number of writes; 0: it is new.</summary>
    public int Revision { get; init; }

    /// <summary>The number of messages.</summary>
    public int Messages { get; init; }

    /// <summary>The contact points that got a message.</summary>
    public IReadOnlyList<string> Told { get; init; } = [];

    /// <summary>Time of the last message about changes; null: there was none.</summary>
    public long? FlushedAt { get; init; }

    /// <summary>When changes are told; null: there are none.</summary>
    public long? DueAt { get; init; }

    /// <summary>When a reminder is due; null: never.</summary>
    public long? RepeatAt { get; init; }

    /// <summary>The next step of the escalation, from 0.</summary>
    public int Step { get; init; }

    /// <summary>When the next step is due; null: never.</summary>
    public long? StepAt { get; init; }

    /// <summary>When the group is looked at again; null: when one of its alerts changes.</summary>
    public long? NextAt { get; init; }

    public long? ClosedAt { get; init; }

    public IReadOnlyDictionary<Guid, GroupMember> Members { get; init; } = new Dictionary<Guid, GroupMember>();
}

/// <summary>An alert of a group.</summary>
/// <param name="Occurrence">That of the alert which the state is about.</param>
/// <param name="Since">The first message that names the alert; null: none.</param>
public sealed record GroupMember(int Occurrence, GroupMemberState State, int? Since);

/// <summary>The numbers are in the table.</summary>
public enum GroupMemberState
{
    /// <summary>Open, and not told yet.</summary>
    Waiting = 0,

    /// <summary>Open and told.</summary>
    Told = 1,

    /// <summary>Told, and cleared since.</summary>
    Cleared = 2,

    /// <summary>Cleared before it was told.</summary>
    Passed = 3,

    /// <summary>No message is about it any more.</summary>
    Gone = 4,
}
