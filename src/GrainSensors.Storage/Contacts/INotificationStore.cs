using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Contacts;

/// <summary>The table <c>notifications</c>: the outbox of all contact points, and what became of it.</summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface INotificationStore
{
    /// <returns>Those of the ids that the table has.</returns>
    Task<IReadOnlySet<Guid>> FindKnownAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken);

    /// <summary>Adds notifications in one transaction. One that is there already stays as it is.</summary>
    /// <returns>The number of added notifications.</returns>
    Task<int> AddAsync(IReadOnlyCollection<NewNotification> notifications, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the next due notification of a contact point for an attempt. An earlier notification of the same alert comes first.
    /// </summary>
    /// <param name="hold">Until then no other process takes it, also if this one dies.</param>
    /// <returns>The notification, in which the attempt counts; null if none is due.</returns>
    Task<StoredNotification?> TakeAsync(string contact, TimeSpan hold, CancellationToken cancellationToken);

    /// <summary>Marks a notification as sent.</summary>
    Task MarkSentAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Records a failed attempt, unless a later one was begun or succeeded.</summary>
    /// <param name="attempt">The number of the attempt.</param>
    /// <param name="retryAfter">Null: the notification becomes dead.</param>
    Task MarkFailedAsync(Guid id, int attempt, string error, TimeSpan? retryAfter, CancellationToken cancellationToken);

    /// <summary>Makes dead notifications pending again, with all their attempts.</summary>
    /// <param name="id">Null: all that match.</param>
    /// <param name="contact">Null: of any contact point.</param>
    /// <returns>The number of notifications.</returns>
    Task<int> RequeueAsync(Guid? id, string? contact, CancellationToken cancellationToken);

    /// <returns>The matching notifications, newest first.</returns>
    Task<IReadOnlyList<StoredNotification>> ReadAsync(NotificationQuery query, CancellationToken cancellationToken);

    /// <returns>The numbers of pending and of dead notifications.</returns>
    Task<(long Pending, long Dead)> CountAsync(CancellationToken cancellationToken);
}

/// <param name="Id">The idempotency key.</param>
/// <param name="AlertId">The alert, or the group.</param>
/// <param name="Occurrence">That of the alert, or the number of the group's message.</param>
/// <param name="Content">What the message says, as JSON.</param>
/// <param name="GroupId">The group of alerts that the message is about; null: it is about one alert.</param>
public sealed record NewNotification(
    Guid Id, string Contact, Guid AlertId, int Occurrence, NotificationEvent Event, string Content, Guid? GroupId = null);

/// <summary>A row of the table <c>notifications</c>. Times in µs since the epoch.</summary>
/// <param name="FinishedAt">When it was sent or became dead; null: it is pending.</param>
public sealed record StoredNotification(
    NewNotification Added, NotificationState State, int Attempts, long NextAttemptAt, long CreatedAt, long? FinishedAt, string? LastError)
{
    public Guid Id => Added.Id;
}

/// <summary>The change of an alert that a notification tells of. The numbers are in the table, in the order of time.</summary>
public enum NotificationEvent
{
    Raised = 0,
    Cleared = 1,
}

public enum NotificationState
{
    /// <summary>To be sent, again after a failure.</summary>
    Pending = 0,

    /// <summary>The receiver has accepted it.</summary>
    Sent,

    /// <summary>Not to be sent any more.</summary>
    Dead,
}

/// <summary>A filter; null members match every notification.</summary>
public sealed record NotificationQuery
{
    /// <summary>Messages about this alert, alone or in a group.</summary>
    public Guid? AlertId { get; init; }

    public NotificationState? State { get; init; }

    public string? Contact { get; init; }

    /// <summary>Creation time and id of the last notification of the page before; null: the first page.</summary>
    public (long CreatedAt, Guid Id)? After { get; init; }

    public int Limit { get; init; } = 100;
}
