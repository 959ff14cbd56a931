using GrainSensors.Core.Time;
using GrainSensors.Storage.Contacts;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>notifications</c> in SQLite.</summary>
internal sealed class SqliteNotifications(SqliteAccess access, TimeProvider clock) : INotificationStore
{
    public Task<IReadOnlySet<Guid>> FindKnownAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        access.ReadAsync<IReadOnlySet<Guid>>(
            session =>
            {
                using var command = Command(session.Connection, "SELECT 1 FROM notifications WHERE notification_id = $id");
                var id = command.Parameters.Add("$id", SqliteType.Text);
                var known = new HashSet<Guid>();
                foreach (var wanted in ids)
                {
                    id.Value = wanted.ToString();
                    if (command.ExecuteScalar() is not null)
                    {
                        known.Add(wanted);
                    }
                }

                return known;
            },
            cancellationToken);

    public Task<int> AddAsync(IReadOnlyCollection<NewNotification> notifications, CancellationToken cancellationToken) =>
        access.WriteAsync(
            session =>
            {
                using var transaction = session.Connection.BeginTransaction(deferred: false);
                var added = Add(session.Connection, notifications, EpochTime.Now(clock));
                transaction.Commit();
                return added;
            },
            cancellationToken);

    /// <summary>Adds notifications in the transaction of the connection.</summary>
    /// <param name="now">µs since the epoch.</param>
    public static int Add(SqliteConnection connection, IReadOnlyCollection<NewNotification> notifications, long now)
    {
        var added = 0;
        foreach (var notification in notifications)
        {
            using var command = Command(
                connection,
                """
                INSERT INTO notifications (
                    notification_id, contact, alert_id, occurrence, event, content, group_id, next_attempt_at, created_at)
                VALUES ($id, $contact, $alert, $occurrence, $event, $content, $group, $now, $now) ON CONFLICT DO NOTHING
                """,
                now,
                ("$id", notification.Id.ToString()),
                ("$contact", notification.Contact),
                ("$alert", notification.AlertId.ToString()),
                ("$occurrence", notification.Occurrence),
                ("$event", (int)notification.Event),
                ("$content", notification.Content),
                ("$group", notification.GroupId?.ToString()));
            added += command.ExecuteNonQuery();
        }

        return added;
    }

    public Task<StoredNotification?> TakeAsync(string contact, TimeSpan hold, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var command = Command(
                session.Connection,
                $"""
                UPDATE notifications SET attempts = attempts + 1, next_attempt_at = $now + $hold
                WHERE notification_id = (
                    SELECT n.notification_id FROM notifications AS n
                    WHERE n.contact = $contact AND n.state = 'pending' AND n.next_attempt_at <= $now AND NOT EXISTS (
                        SELECT 1 FROM notifications AS e
                        WHERE e.alert_id = n.alert_id AND e.contact = n.contact AND e.state = 'pending'
                            AND (e.occurrence, e.event) < (n.occurrence, n.event))
                    ORDER BY n.next_attempt_at, n.created_at, n.notification_id LIMIT 1)
                RETURNING {NotificationColumns.Names}
                """,
                ("$contact", contact),
                ("$hold", EpochTime.From(hold)));
            using var reader = command.ExecuteReader();
            return reader.Read() ? Read(reader) : null;
        },
        cancellationToken);

    public Task MarkSentAsync(Guid id, CancellationToken cancellationToken) => ExecuteAsync(
        "UPDATE notifications SET state = 'sent', finished_at = $now, last_error = NULL WHERE notification_id = $id AND state <> 'sent'",
        cancellationToken,
        ("$id", id.ToString()));

    public Task MarkFailedAsync(Guid id, int attempt, string error, TimeSpan? retryAfter, CancellationToken cancellationToken) =>
        ExecuteAsync(
            """
            UPDATE notifications SET last_error = $error, state = iif($dead, 'dead', state), finished_at = iif($dead, $now, NULL),
                next_attempt_at = $now + $after
            WHERE notification_id = $id AND state = 'pending' AND attempts = $attempt
            """,
            cancellationToken,
            ("$id", id.ToString()),
            ("$attempt", attempt),
            ("$error", error),
            ("$dead", retryAfter is null),
            ("$after", EpochTime.From(retryAfter ?? TimeSpan.Zero)));

    public Task<int> RequeueAsync(Guid? id, string? contact, CancellationToken cancellationToken) => ExecuteAsync(
        """
        UPDATE notifications SET state = 'pending', attempts = 0, next_attempt_at = $now, finished_at = NULL
        WHERE state = 'dead' AND ($id IS NULL OR notification_id = $id) AND ($contact IS NULL OR contact = $contact)
        """,
        cancellationToken,
        ("$id", id?.ToString()),
        ("$contact", contact));

    public Task<IReadOnlyList<StoredNotification>> ReadAsync(NotificationQuery query, CancellationToken cancellationToken) =>
        access.ReadAsync<IReadOnlyList<StoredNotification>>(
            session =>
            {
                using var command = Command(
                    session.Connection,
                    $"""
                    SELECT {NotificationColumns.Names} FROM notifications AS n
                    WHERE ($alert IS NULL OR {NotificationColumns.OfAlert("$alert")}) AND ($state IS NULL OR state = $state)
                        AND ($contact IS NULL OR contact = $contact)
                        AND ($at IS NULL OR (created_at, notification_id) < ($at, $id))
                    ORDER BY created_at DESC, notification_id DESC LIMIT $limit
                    """,
                    ("$alert", query.AlertId?.ToString()),
                    ("$state", query.State is { } state ? NotificationColumns.Word(state) : null),
                    ("$contact", query.Contact),
                    ("$at", query.After?.CreatedAt),
                    ("$id", query.After?.Id.ToString()),
                    ("$limit", query.Limit));
                var found = new List<StoredNotification>();
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    found.Add(Read(reader));
                }

                return found;
            },
            cancellationToken);

    public Task<(long Pending, long Dead)> CountAsync(CancellationToken cancellationToken) => access.ReadAsync(
        session =>
        {
            using var command = Command(
                session.Connection,
                """
                SELECT (SELECT count(*) FROM notifications WHERE state = 'pending'),
                    (SELECT count(*) FROM notifications WHERE state = 'dead')
                """);
            using var reader = command.ExecuteReader();
            reader.Read();
            return (reader.GetInt64(0), reader.GetInt64(1));
        },
        cancellationToken);

    private Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken, params (string, object?)[] values) => access.WriteAsync(
        session =>
        {
            using var command = Command(session.Connection, sql, values);
            return command.ExecuteNonQuery();
        },
        cancellationToken);

    private SqliteCommand Command(SqliteConnection connection, string sql, params (string Name, object? Value)[] values) =>
        Command(connection, sql, EpochTime.Now(clock), values);

    private static SqliteCommand Command(SqliteConnection connection, string sql, long now, params (string Name, object? Value)[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$now", now);
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }

    private static StoredNotification Read(SqliteDataReader reader) => new(
        new(
            Guid.Parse(reader.GetString(0)), reader.GetString(1), Guid.Parse(reader.GetString(2)), reader.GetInt32(3),
            (NotificationEvent)reader.GetInt32(4), reader.GetString(5), reader.IsDBNull(12) ? null : Guid.Parse(reader.GetString(12))),
        NotificationColumns.StateOf(reader.GetString(6)),
        reader.GetInt32(7),
        reader.GetInt64(8),
        reader.GetInt64(9),
        reader.IsDBNull(10) ? null : reader.GetInt64(10),
        reader.IsDBNull(11) ? null : reader.GetString(11));
}
