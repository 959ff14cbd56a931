using System.Text;
using GrainSensors.Core.Alerts;
using GrainSensors.Storage.Alerts;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>alerts</c> in PostgreSQL.</summary>
internal sealed class PostgresAlerts(NpgsqlDataSource dataSource, string store) : IAlertStore
{
    private const string Columns =
        """
        a.alert_id, a.sensor_id, a.measurement, a.kind, a.level, a.raised_at, a.last_raised_at, a.cleared_at, a.occurrences, a.value, a.expected,
        a.last_reading_at, a.message, a.acknowledged_at, a.acknowledged_by, a.note, a.updated_at,
        (SELECT max(s.ends_at) FROM silences AS s
            WHERE s.starts_at <= now() AND s.ends_at > now() AND (s.sensor_id IS NULL OR s.sensor_id = a.sensor_id))
        """;

    private const string Written =
        """
        unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) AS w
            (alert_id, sensor_id, measurement, kind, level, raised_at, last_raised_at, cleared_at, occurrences, value, expected, last_reading_at, message, shard)
        """;

    // An alert goes from raised to cleared, and with one occurrence more to raised again: never back.
    // What raised it is told by the raising; a clearing only adds when.
    private const string Upsert =
        """
        ON CONFLICT (alert_id) DO UPDATE
        SET last_raised_at = CASE WHEN excluded.occurrences = a.occurrences THEN a.last_raised_at ELSE excluded.last_raised_at END,
            value = CASE WHEN excluded.occurrences = a.occurrences THEN a.value ELSE excluded.value END,
            expected = CASE WHEN excluded.occurrences = a.occurrences THEN a.expected ELSE excluded.expected END,
            last_reading_at = CASE WHEN excluded.occurrences = a.occurrences THEN a.last_reading_at ELSE excluded.last_reading_at END,
            message = CASE WHEN excluded.occurrences = a.occurrences THEN a.message ELSE excluded.message END,
            cleared_at = excluded.cleared_at, occurrences = excluded.occurrences, updated_at = excluded.updated_at
        WHERE (excluded.occurrences, excluded.cleared_at IS NOT NULL) > (a.occurrences, a.cleared_at IS NOT NULL)
        """;

    private const string InsertColumns =
        """
        INSERT INTO alerts AS a
            (alert_id, sensor_id, measurement, kind, level, raised_at, last_raised_at, cleared_at, occurrences, value, expected, last_reading_at, message, shard, updated_at)
        """;

    private const string WriteCleared =
        $"""
        {InsertColumns}
        SELECT w.*, clock_timestamp() FROM {Written} WHERE w.cleared_at IS NOT NULL ORDER BY w.alert_id
        {Upsert}
        """;

    private const string ClearSuperseded =
        $"""
        UPDATE alerts AS a SET cleared_at = w.last_raised_at, updated_at = clock_timestamp()
        FROM {Written}
        WHERE w.cleared_at IS NULL AND a.cleared_at IS NULL AND a.alert_id <> w.alert_id AND a.raised_at <= w.raised_at
            AND a.sensor_id = w.sensor_id AND a.measurement = w.measurement AND a.kind = w.kind
        """;

    // Where a newer one is open, whoever writes this one is behind.
    private const string WriteOpen =
        $"""
        {InsertColumns}
        SELECT w.alert_id, w.sensor_id, w.measurement, w.kind, w.level, w.raised_at, w.last_raised_at,
            (SELECT greatest(n.raised_at, w.last_raised_at) FROM alerts AS n
                WHERE n.sensor_id = w.sensor_id AND n.measurement = w.measurement AND n.kind = w.kind AND n.cleared_at IS NULL AND n.alert_id <> w.alert_id),
            w.occurrences, w.value, w.expected, w.last_reading_at, w.message, w.shard, clock_timestamp()
        FROM {Written} WHERE w.cleared_at IS NULL ORDER BY w.alert_id
        {Upsert}
        """;

    public Task<IReadOnlyList<Alert>> QueryAsync(AlertQuery query, CancellationToken cancellationToken) => GuardAsync<IReadOnlyList<Alert>>(
        async () =>
        {
            await using var command = dataSource.CreateCommand();
            var sql = new StringBuilder($"SELECT {Columns} FROM alerts AS a WHERE a.raised_at >= $1 AND a.raised_at < $2");
            var parameters = command.Parameters.AddTime(query.From).AddTime(query.To);
            if (query.Statuses.Count > 0)
            {
                sql.Append(" AND (").AppendJoin(" OR ", query.Statuses.Select(Condition)).Append(')');
            }

            if (query.Kind is { } kind)
            {
                And("a.kind = ", NpgsqlDbType.Text, kind.Name());
            }

            if (query.Level is { } level)
            {
                And("a.level = ", NpgsqlDbType.Text, level.Name());
            }

            if (query.Measurement is { } measurement)
            {
                And("a.measurement = ", NpgsqlDbType.Text, measurement);
            }

            if (query.SensorIds.Count > 0)
            {
                parameters.AddArray(NpgsqlDbType.Integer, query.SensorIds.ToArray());
                sql.Append($" AND a.sensor_id = ANY (${parameters.Count})");
            }

            if (query.After is { } after)
            {
                parameters.AddTime(after.RaisedAt).Add(NpgsqlDbType.Uuid, after.Id);
                sql.Append($" AND (a.raised_at, a.alert_id) < (${parameters.Count - 1}, ${parameters.Count})");
            }

            command.CommandText = sql.Append($" ORDER BY a.raised_at DESC, a.alert_id DESC LIMIT {Math.Clamp(query.Limit, 1, AlertQuery.MaxLimit)}").ToString();
            return await ReadAsync(command, cancellationToken);

            void And<T>(string condition, NpgsqlDbType type, T value)
            {
                parameters.Add(type, value);
                sql.Append($" AND {condition}${parameters.Count}");
            }
        },
        cancellationToken);

    public Task<IReadOnlyList<Alert>> ReadOpenAsync(int shard, CancellationToken cancellationToken) => GuardAsync<IReadOnlyList<Alert>>(
        async () =>
        {
            await using var command = dataSource.CreateCommand($"SELECT {Columns} FROM alerts AS a WHERE a.shard = $1 AND a.cleared_at IS NULL");
            command.Parameters.Add(NpgsqlDbType.Smallint, (short)shard);
            return await ReadAsync(command, cancellationToken);
        },
        cancellationToken);

    public Task<Alert?> FindAsync(Guid id, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            await using var command = dataSource.CreateCommand($"SELECT {Columns} FROM alerts AS a WHERE a.alert_id = $1");
            command.Parameters.Add(NpgsqlDbType.Uuid, id);
            return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
        },
        cancellationToken);

    public Task<IReadOnlyList<Alert>> ReadChangesAsync(long since, Guid after, int limit, CancellationToken cancellationToken) => GuardAsync<IReadOnlyList<Alert>>(
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                $"SELECT {Columns} FROM alerts AS a WHERE (a.updated_at, a.alert_id) > ($1, $2) OR (a.updated_at = $1 AND $3) ORDER BY a.updated_at, a.alert_id LIMIT $4");
            command.Parameters.AddTime(since).Add(NpgsqlDbType.Uuid, after).Add(NpgsqlDbType.Boolean, after == Guid.Empty).Add(NpgsqlDbType.Integer, limit);
            return await ReadAsync(command, cancellationToken);
        },
        cancellationToken);

    public Task WriteAsync(IReadOnlyCollection<Alert> alerts, CancellationToken cancellationToken) => alerts.Count == 0 ? Task.CompletedTask : GuardAsync(
        async () =>
        {
            var rows = alerts.ToArray();
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            // One transaction, as every batch without one of its own.
            await using var batch = new NpgsqlBatch(connection);
            foreach (var sql in new[] { WriteCleared, ClearSuperseded, WriteOpen })
            {
                var command = new NpgsqlBatchCommand(sql);
                AddRows(command.Parameters, rows);
                batch.BatchCommands.Add(command);
            }

            await batch.ExecuteNonQueryAsync(cancellationToken);
            return true;
        },
        cancellationToken);

    public Task<Alert?> AcknowledgeAsync(Guid id, string by, string? note, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            await using (var command = dataSource.CreateCommand(
                """
                UPDATE alerts SET acknowledged_at = coalesce(acknowledged_at, now()), acknowledged_by = $2, note = coalesce($3, note), updated_at = clock_timestamp()
                WHERE alert_id = $1
                """))
            {
                command.Parameters.Add(NpgsqlDbType.Uuid, id).Add(NpgsqlDbType.Text, by).Add(NpgsqlDbType.Text, (object?)note ?? DBNull.Value);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }

            return await FindAsync(id, cancellationToken);
        },
        cancellationToken);

    public Task<AlertCounts> CountOpenAsync(CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                """
                SELECT count(*) FILTER (WHERE kind = 'disconnected')::int, count(*) FILTER (WHERE kind = 'extreme')::int, count(acknowledged_at)::int
                FROM alerts WHERE cleared_at IS NULL
                """);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return new AlertCounts(reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2));
        },
        cancellationToken);

    public Task<long> RemoveAsync(long cutoff, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            await ExecuteAsync("DELETE FROM sensor_reports WHERE reported_at < $1");
            await ExecuteAsync("DELETE FROM silences WHERE ends_at < $1");
            return await ExecuteAsync("DELETE FROM alerts WHERE cleared_at < $1");

            async Task<long> ExecuteAsync(string sql)
            {
                await using var command = dataSource.CreateCommand(sql);
                command.Parameters.AddTime(cutoff);
                return await command.ExecuteNonQueryAsync(cancellationToken);
            }
        },
        cancellationToken);

    private static string Condition(AlertStatus status) => status switch
    {
        AlertStatus.Raised => "(a.cleared_at IS NULL AND a.acknowledged_at IS NULL)",
        AlertStatus.Acknowledged => "(a.cleared_at IS NULL AND a.acknowledged_at IS NOT NULL)",
        AlertStatus.Cleared => "a.cleared_at IS NOT NULL",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "There is no such status."),
    };

    private static async Task<List<Alert>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var alerts = new List<Alert>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            alerts.Add(new(
                reader.GetGuid(0),
                reader.GetInt32(1),
                reader.GetString(2),
                AlertNames.ParseKind(reader.GetString(3)),
                AlertNames.ParseLevel(reader.GetString(4)),
                PostgresRows.ReadTime(reader, 5),
                PostgresRows.ReadTime(reader, 6),
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
                UpdatedAt = PostgresRows.ReadTime(reader, 16),
                SilencedUntil = Time(17),
            });
        }

        return alerts;

        long? Time(int column) => reader.IsDBNull(column) ? null : PostgresRows.ReadTime(reader, column);
        double Number(int column) => reader.IsDBNull(column) ? double.NaN : reader.GetDouble(column);
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    /// <summary>Adds $1 to $14, an array for each column.</summary>
    private static void AddRows(NpgsqlParameterCollection parameters, Alert[] rows) => parameters
        .AddArray(NpgsqlDbType.Uuid, Array.ConvertAll(rows, row => row.Id))
        .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(rows, row => row.SensorId))
        .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.Measurement))
        .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.Kind.Name()))
        .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.Level.Name()))
        .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(rows, row => PostgresTime.ToRaw(row.RaisedAt)))
        .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(rows, row => PostgresTime.ToRaw(row.LastRaisedAt)))
        .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(rows, row => Raw(row.ClearedAt)))
        .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(rows, row => row.Occurrences))
        .AddArray(NpgsqlDbType.Double, Array.ConvertAll(rows, row => Finite(row.Value)))
        .AddArray(NpgsqlDbType.Double, Array.ConvertAll(rows, row => Finite(row.Expected)))
        .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(rows, row => Raw(row.LastReadingAt)))
        .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.Message))
        .AddArray(NpgsqlDbType.Smallint, Array.ConvertAll(rows, row => (short)SensorShards.Of(row.SensorId)));

    private static long? Raw(long? micros) => micros is { } given ? PostgresTime.ToRaw(given) : null;

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private Task<T> GuardAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(store, action, cancellationToken);
}
