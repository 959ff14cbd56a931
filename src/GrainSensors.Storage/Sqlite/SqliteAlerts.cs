using System.Globalization;
using System.Text;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>alerts</c> in SQLite.</summary>
internal sealed class SqliteAlerts(SqliteAccess access, TimeProvider clock) : IAlertStore
{
    private const string Columns =
        """
        a.alert_id, a.sensor_id, a.measurement, a.kind, a.level, a.raised_at, a.last_raised_at, a.cleared_at, a.occurrences, a.value, a.expected,
        a.last_reading_at, a.message, a.acknowledged_at, a.acknowledged_by, a.note, a.updated_at,
        (SELECT max(s.ends_at) FROM silences AS s
            WHERE s.starts_at <= $now AND s.ends_at > $now AND (s.sensor_id IS NULL OR s.sensor_id = a.sensor_id))
        """;

    private const string ClearSuperseded =
        """
        UPDATE alerts SET cleared_at = $last_raised, updated_at = $now
        WHERE sensor_id = $sensor AND measurement = $measurement AND kind = $kind AND cleared_at IS NULL AND alert_id <> $id AND raised_at <= $raised
        """;

    // Where a newer one is open, whoever writes this one is behind. Otherwise an alert goes from raised to cleared, and with
    // one occurrence more to raised again: never back. What raised it is told by the raising; a clearing only adds when.
    private const string Upsert =
        """
        INSERT INTO alerts (alert_id, sensor_id, measurement, kind, level, raised_at, last_raised_at, cleared_at, occurrences, value, expected,
            last_reading_at, message, shard, updated_at)
        VALUES ($id, $sensor, $measurement, $kind, $level, $raised, $last_raised,
            coalesce($cleared, (SELECT max(n.raised_at, $last_raised) FROM alerts AS n
                WHERE n.sensor_id = $sensor AND n.measurement = $measurement AND n.kind = $kind AND n.cleared_at IS NULL AND n.alert_id <> $id)),
            $occurrences, $value, $expected, $last_reading, $message, $shard, $now)
        ON CONFLICT (alert_id) DO UPDATE
        SET last_raised_at = CASE WHEN excluded.occurrences = alerts.occurrences THEN alerts.last_raised_at ELSE excluded.last_raised_at END,
            value = CASE WHEN excluded.occurrences = alerts.occurrences THEN alerts.value ELSE excluded.value END,
            expected = CASE WHEN excluded.occurrences = alerts.occurrences THEN alerts.expected ELSE excluded.expected END,
            last_reading_at = CASE WHEN excluded.occurrences = alerts.occurrences THEN alerts.last_reading_at ELSE excluded.last_reading_at END,
            message = CASE WHEN excluded.occurrences = alerts.occurrences THEN alerts.message ELSE excluded.message END,
            cleared_at = excluded.cleared_at, occurrences = excluded.occurrences, updated_at = excluded.updated_at
        WHERE (excluded.occurrences, excluded.cleared_at IS NOT NULL) > (alerts.occurrences, alerts.cleared_at IS NOT NULL)
        """;

    public Task<IReadOnlyList<Alert>> QueryAsync(AlertQuery query, CancellationToken cancellationToken) => ReadAsync(
        (command, sql) =>
        {
            sql.Append("a.raised_at >= $from AND a.raised_at < $to");
            command.Parameters.AddWithValue("$from", query.From);
            command.Parameters.AddWithValue("$to", query.To);
            if (query.Statuses.Count > 0)
            {
                sql.Append(" AND (").AppendJoin(" OR ", query.Statuses.Select(Condition)).Append(')');
            }

            And("kind", query.Kind?.Name());
            And("level", query.Level?.Name());
            And("measurement", query.Measurement);
            if (query.SensorIds.Count > 0)
            {
                sql.Append(" AND a.sensor_id IN (SELECT value FROM json_each($sensors))");
                command.Parameters.AddWithValue("$sensors", $"[{string.Join(',', query.SensorIds.Select(id => id.ToString(CultureInfo.InvariantCulture)))}]");
            }

            if (query.After is { } after)
            {
                sql.Append(" AND (a.raised_at, a.alert_id) < ($after, $after_id)");
                command.Parameters.AddWithValue("$after", after.RaisedAt);
                command.Parameters.AddWithValue("$after_id", after.Id.ToString());
            }

            sql.Append(CultureInfo.InvariantCulture, $" ORDER BY a.raised_at DESC, a.alert_id DESC LIMIT {Math.Clamp(query.Limit, 1, AlertQuery.MaxLimit)}");

            void And(string column, string? value)
            {
                if (value is not null)
                {
                    sql.Append(CultureInfo.InvariantCulture, $" AND a.{column} = ${column}");
                    command.Parameters.AddWithValue($"${column}", value);
                }
            }
        },
        cancellationToken);

    public Task<IReadOnlyList<Alert>> ReadOpenAsync(int shard, CancellationToken cancellationToken) => ReadAsync(
        (command, sql) =>
        {
            sql.Append("a.shard = $shard AND a.cleared_at IS NULL");
            command.Parameters.AddWithValue("$shard", shard);
        },
        cancellationToken);

    public async Task<Alert?> FindAsync(Guid id, CancellationToken cancellationToken) => (await ReadAsync(
        (command, sql) =>
        {
            sql.Append("a.alert_id = $id");
            command.Parameters.AddWithValue("$id", id.ToString());
        },
        cancellationToken)).SingleOrDefault();

    public Task<IReadOnlyList<Alert>> ReadChangesAsync(long since, Guid after, int limit, CancellationToken cancellationToken) => ReadAsync(
        (command, sql) =>
        {
            sql.Append("a.updated_at > $since OR (a.updated_at = $since AND (a.alert_id > $after OR $all)) ORDER BY a.updated_at, a.alert_id LIMIT $limit");
            command.Parameters.AddWithValue("$since", since);
            command.Parameters.AddWithValue("$after", after.ToString());
            command.Parameters.AddWithValue("$all", after == Guid.Empty);
            command.Parameters.AddWithValue("$limit", limit);
        },
        cancellationToken);

    public Task WriteAsync(IReadOnlyCollection<Alert> alerts, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var transaction = session.Connection.BeginTransaction(deferred: false);
            var now = EpochTime.Now(clock);
            foreach (var alert in alerts.OrderBy(alert => alert.ClearedAt is null))
            {
                if (alert.ClearedAt is null)
                {
                    Execute(session.Connection, ClearSuperseded, alert, now);
                }

                Execute(session.Connection, Upsert, alert, now);
            }

            transaction.Commit();
            return true;
        },
        cancellationToken);

    public async Task<Alert?> AcknowledgeAsync(Guid id, string by, string? note, CancellationToken cancellationToken)
    {
        await access.WriteAsync(
            session =>
            {
                using var command = session.Connection.CreateCommand();
                command.CommandText =
                    """
                    UPDATE alerts SET acknowledged_at = coalesce(acknowledged_at, $now), acknowledged_by = $by, note = coalesce($note, note), updated_at = $now
                    WHERE alert_id = $id
                    """;
                command.Parameters.AddWithValue("$id", id.ToString());
                command.Parameters.AddWithValue("$by", by);
                command.Parameters.AddWithValue("$note", (object?)note ?? DBNull.Value);
                command.Parameters.AddWithValue("$now", EpochTime.Now(clock));
                return command.ExecuteNonQuery();
            },
            cancellationToken);
        return await FindAsync(id, cancellationToken);
    }

    public Task<AlertCounts> CountOpenAsync(CancellationToken cancellationToken) => access.ReadAsync(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText =
                """
                SELECT count(*) FILTER (WHERE kind = 'disconnected'), count(*) FILTER (WHERE kind = 'extreme'), count(acknowledged_at)
                FROM alerts WHERE cleared_at IS NULL
                """;
            using var reader = command.ExecuteReader();
            reader.Read();
            return new AlertCounts(reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2));
        },
        cancellationToken);

    public Task<long> RemoveAsync(long cutoff, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            Delete("sensor_reports WHERE reported_at < $cutoff");
            Delete("silences WHERE ends_at < $cutoff");
            return Delete("alerts WHERE cleared_at < $cutoff");

            long Delete(string what)
            {
                using var command = session.Connection.CreateCommand();
                command.CommandText = $"DELETE FROM {what}";
                command.Parameters.AddWithValue("$cutoff", cutoff);
                return command.ExecuteNonQuery();
            }
        },
        cancellationToken);

    private Task<IReadOnlyList<Alert>> ReadAsync(Action<SqliteCommand, StringBuilder> where, CancellationToken cancellationToken) => access.ReadAsync<IReadOnlyList<Alert>>(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            var sql = new StringBuilder($"SELECT {Columns} FROM alerts AS a WHERE ");
            command.Parameters.AddWithValue("$now", EpochTime.Now(clock));
            where(command, sql);
            command.CommandText = sql.ToString();
            var alerts = new List<Alert>();
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                alerts.Add(Read(reader));
            }

            return alerts;
        },
        cancellationToken);

    private static Alert Read(SqliteDataReader reader)
    {
        return new(
            Guid.Parse(reader.GetString(0)),
            reader.GetInt32(1),
            reader.GetString(2),
            AlertNames.ParseKind(reader.GetString(3)),
            AlertNames.ParseLevel(reader.GetString(4)),
            reader.GetInt64(5),
            reader.GetInt64(6),
            Time(7),
            reader.GetInt32(8),
            Number(9),
            Number(10),
            Time(11),
            reader.GetString(12))
        {
            AcknowledgedAt = Time(13),
            AcknowledgedBy = Text(14),
            Note = Text(15),
            UpdatedAt = reader.GetInt64(16),
            SilencedUntil = Time(17),
        };

        long? Time(int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);
        double Number(int column) => reader.IsDBNull(column) ? double.NaN : reader.GetDouble(column);
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    private static void Execute(SqliteConnection connection, string sql, Alert alert, long now)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Add("$id", alert.Id.ToString());
        Add("$sensor", alert.SensorId);
        Add("$measurement", alert.Measurement);
        Add("$kind", alert.Kind.Name());
        Add("$level", alert.Level.Name());
        Add("$raised", alert.RaisedAt);
        Add("$last_raised", alert.LastRaisedAt);
        Add("$cleared", alert.ClearedAt);
        Add("$occurrences", alert.Occurrences);
        Add("$value", double.IsFinite(alert.Value) ? alert.Value : null);
        Add("$expected", double.IsFinite(alert.Expected) ? alert.Expected : null);
        Add("$last_reading", alert.LastReadingAt);
        Add("$message", alert.Message);
        Add("$shard", SensorShards.Of(alert.SensorId));
        Add("$now", now);
        command.ExecuteNonQuery();

        void Add(string name, object? value) => command.Parameters.AddWithValue(name, value ?? DBNull.Value);
    }

    private static string Condition(AlertStatus status) => status switch
    {
        AlertStatus.Raised => "(a.cleared_at IS NULL AND a.acknowledged_at IS NULL)",
        AlertStatus.Acknowledged => "(a.cleared_at IS NULL AND a.acknowledged_at IS NOT NULL)",
        AlertStatus.Cleared => "a.cleared_at IS NOT NULL",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "There is no such status."),
    };
}
