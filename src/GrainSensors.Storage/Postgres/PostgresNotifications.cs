using GrainSensors.Core.Time;
using GrainSensors.Storage.Contacts;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>notifications</c> in PostgreSQL.</summary>
internal sealed class PostgresNotifications(NpgsqlDataSource dataSource, string store, TimeProvider clock) : INotificationStore
{
    public const string Insert =
        """
        INSERT INTO notifications (notification_id, contact, alert_id, occurrence, event, content, group_id, next_attempt_at, created_at)
        SELECT *, $8, $8 FROM unnest($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
        """;

    private readonly PostgresStatements _statements = new(dataSource, store);

    public async Task<IReadOnlySet<Guid>> FindKnownAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        (await _statements.QueryAsync(
            "SELECT notification_id FROM notifications WHERE notification_id = ANY ($1)",
            parameters => parameters.AddArray(NpgsqlDbType.Uuid, ids.ToArray()),
            row => row.GetGuid(0),
            cancellationToken)).ToHashSet();

    public Task<int> AddAsync(IReadOnlyCollection<NewNotification> notifications, CancellationToken cancellationToken) =>
        _statements.ExecuteAsync(
            Insert, parameters => AddRows(parameters, notifications, EpochTime.Now(clock)), cancellationToken);

    /// <summary>Adds the parameters of <see cref="Insert"/>.</summary>
    /// <param name="now">µs since the epoch.</param>
    public static void AddRows(NpgsqlParameterCollection parameters, IReadOnlyCollection<NewNotification> notifications, long now)
    {
        // In one order: two processes that add the same notifications would deadlock.
        var rows = notifications.DistinctBy(added => added.Id).OrderBy(added => added.Id).ToArray();
        parameters
            .AddArray(NpgsqlDbType.Uuid, Array.ConvertAll(rows, row => row.Id))
            .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.Contact))
            .AddArray(NpgsqlDbType.Uuid, Array.ConvertAll(rows, row => row.AlertId))
            .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(rows, row => row.Occurrence))
            .AddArray(NpgsqlDbType.Smallint, Array.ConvertAll(rows, row => (short)row.Event))
            .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.Content))
            .AddArray(NpgsqlDbType.Uuid, Array.ConvertAll(rows, row => row.GroupId))
            .AddTime(now);
    }

    public async Task<StoredNotification?> TakeAsync(string contact, TimeSpan hold, CancellationToken cancellationToken) =>
        (await QueryAsync(
            $"""
            UPDATE notifications SET attempts = attempts + 1, next_attempt_at = $2 + $3
            WHERE notification_id = (
                SELECT n.notification_id FROM notifications AS n
                WHERE n.contact = $1 AND n.state = 'pending' AND n.next_attempt_at <= $2 AND NOT EXISTS (
                    SELECT FROM notifications AS e
                    WHERE e.alert_id = n.alert_id AND e.contact = n.contact AND e.state = 'pending'
                        AND (e.occurrence, e.event) < (n.occurrence, n.event))
                ORDER BY n.next_attempt_at, n.created_at, n.notification_id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING {NotificationColumns.Names}
            """,
            parameters => parameters.Add(NpgsqlDbType.Text, contact).AddTime(EpochTime.Now(clock)).Add(NpgsqlDbType.Interval, hold),
            cancellationToken)).SingleOrDefault();

    public Task MarkSentAsync(Guid id, CancellationToken cancellationToken) => _statements.ExecuteAsync(
        "UPDATE notifications SET state = 'sent', finished_at = $2, last_error = NULL WHERE notification_id = $1 AND state <> 'sent'",
        parameters => parameters.Add(NpgsqlDbType.Uuid, id).AddTime(EpochTime.Now(clock)),
        cancellationToken);

    public Task MarkFailedAsync(Guid id, int attempt, string error, TimeSpan? retryAfter, CancellationToken cancellationToken) =>
        _statements.ExecuteAsync(
            """
            UPDATE notifications SET last_error = $3, state = CASE WHEN $4 THEN 'dead' ELSE state END,
                finished_at = CASE WHEN $4 THEN $5 END, next_attempt_at = $5 + $6
            WHERE notification_id = $1 AND state = 'pending' AND attempts = $2
            """,
            parameters => parameters.Add(NpgsqlDbType.Uuid, id).Add(NpgsqlDbType.Integer, attempt).Add(NpgsqlDbType.Text, error)
                .Add(NpgsqlDbType.Boolean, retryAfter is null).AddTime(EpochTime.Now(clock))
                .Add(NpgsqlDbType.Interval, retryAfter ?? TimeSpan.Zero),
            cancellationToken);

    public Task<int> RequeueAsync(Guid? id, string? contact, CancellationToken cancellationToken) => _statements.ExecuteAsync(
        """
        UPDATE notifications SET state = 'pending', attempts = 0, next_attempt_at = $3, finished_at = NULL
        WHERE state = 'dead' AND ($1 IS NULL OR notification_id = $1) AND ($2 IS NULL OR contact = $2)
        """,
        parameters => parameters.Add(NpgsqlDbType.Uuid, (object?)id ?? DBNull.Value)
            .Add(NpgsqlDbType.Text, (object?)contact ?? DBNull.Value).AddTime(EpochTime.Now(clock)),
        cancellationToken);

    public Task<IReadOnlyList<StoredNotification>> ReadAsync(NotificationQuery query, CancellationToken cancellationToken) => QueryAsync(
        $"""
        SELECT {NotificationColumns.Names} FROM notifications AS n
        WHERE ($1 IS NULL OR {NotificationColumns.OfAlert("$1")}) AND ($2 IS NULL OR state = $2) AND ($3 IS NULL OR contact = $3)
            AND ($4 IS NULL OR (created_at, notification_id) < ($4, $5))
        ORDER BY created_at DESC, notification_id DESC LIMIT $6
        """,
        parameters => parameters.Add(NpgsqlDbType.Uuid, (object?)query.AlertId ?? DBNull.Value)
            .Add(NpgsqlDbType.Text, query.State is { } state ? NotificationColumns.Word(state) : (object)DBNull.Value)
            .Add(NpgsqlDbType.Text, (object?)query.Contact ?? DBNull.Value)
            .AddTime(query.After?.CreatedAt)
            .Add(NpgsqlDbType.Uuid, (object?)query.After?.Id ?? DBNull.Value)
            .Add(NpgsqlDbType.Integer, query.Limit),
        cancellationToken);

    public async Task<(long Pending, long Dead)> CountAsync(CancellationToken cancellationToken) => (await _statements.QueryAsync(
        """
        SELECT (SELECT count(*) FROM notifications WHERE state = 'pending'), (SELECT count(*) FROM notifications WHERE state = 'dead')
        """,
        _ => { },
        row => (row.GetInt64(0), row.GetInt64(1)),
        cancellationToken)).Single();

    private Task<IReadOnlyList<StoredNotification>> QueryAsync(
        string sql, Action<NpgsqlParameterCollection> fill, CancellationToken cancellationToken) =>
        _statements.QueryAsync(sql, fill, Read, cancellationToken);

    private static StoredNotification Read(NpgsqlDataReader reader) => new(
        new(
            reader.GetGuid(0), reader.GetString(1), reader.GetGuid(2), reader.GetInt32(3), (NotificationEvent)reader.GetInt16(4),
            reader.GetString(5), reader.IsDBNull(12) ? null : reader.GetGuid(12)),
        NotificationColumns.StateOf(reader.GetString(6)),
        reader.GetInt32(7),
        PostgresWindowRows.ReadTime(reader, 8),
        PostgresWindowRows.ReadTime(reader, 9),
        reader.IsDBNull(10) ? null : PostgresWindowRows.ReadTime(reader, 10),
        reader.IsDBNull(11) ? null : reader.GetString(11));
}
