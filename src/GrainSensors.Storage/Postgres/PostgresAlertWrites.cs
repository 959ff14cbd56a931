using GrainSensors.Core.Alerts;
using GrainSensors.Storage.Alerts;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>Writes, acknowledges and removes alerts in PostgreSQL.</summary>
internal sealed class PostgresAlertWrites(NpgsqlDataSource dataSource)
{
    private const string Rows =
        """
        unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) AS w
            (alert_id, sensor_id, measurement, kind, level, raised_at, last_raised_at, cleared_at, occurrences, value, expected,
            last_reading_at, message, shard, rule, labels, runbook, sensor_group, muted_for)
        """;

    private const string Rest =
        """
        w.occurrences, w.value, w.expected, w.last_reading_at, w.message, w.shard, w.rule, w.labels, w.runbook, w.sensor_group,
            clock_timestamp() + w.muted_for * interval '1 microsecond', clock_timestamp()
        """;

    private const string WriteCleared =
        $"""
        {AlertStatements.Insert}
        SELECT w.alert_id, w.sensor_id, w.measurement, w.kind, w.level, w.raised_at, w.last_raised_at, w.cleared_at,
            {Rest}
        FROM {Rows} WHERE w.cleared_at IS NOT NULL ORDER BY w.alert_id
        {AlertStatements.Update}
        """;

    private const string ClearSuperseded =
        $"""
        WITH cleared AS (
            UPDATE alerts AS a SET cleared_at = w.last_raised_at, updated_at = clock_timestamp()
            FROM {Rows}
            WHERE w.cleared_at IS NULL AND a.cleared_at IS NULL AND a.alert_id <> w.alert_id AND a.raised_at <= w.raised_at
                AND a.sensor_id = w.sensor_id AND a.measurement = w.measurement AND a.kind = w.kind
                AND coalesce(a.rule, a.kind) = w.rule AND a.sensor_group IS NOT DISTINCT FROM w.sensor_group
            RETURNING a.alert_id, a.occurrences, a.cleared_at)
        {PostgresAlertIntervals.ClearLast}
        """;

    // An open newer alert means that this writer is behind, so the row is inserted as cleared.
    private const string WriteOpen =
        $"""
        {AlertStatements.Insert}
        SELECT w.alert_id, w.sensor_id, w.measurement, w.kind, w.level, w.raised_at, w.last_raised_at,
            (SELECT greatest(n.raised_at, w.last_raised_at) FROM alerts AS n
                WHERE n.sensor_id = w.sensor_id AND n.measurement = w.measurement AND n.kind = w.kind AND n.cleared_at IS NULL
                    AND coalesce(n.rule, n.kind) = w.rule AND n.sensor_group IS NOT DISTINCT FROM w.sensor_group
                    AND n.alert_id <> w.alert_id),
            {Rest}
        FROM {Rows} WHERE w.cleared_at IS NULL ORDER BY w.alert_id
        {AlertStatements.Update}
        """;

    public async Task<bool> WriteAsync(AlertStates states, CancellationToken cancellationToken)
    {
        var alerts = states.Alerts.ToArray();
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);

        // PostgreSQL runs a batch without an explicit transaction as one transaction.
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in new[] { WriteCleared, ClearSuperseded, WriteOpen })
        {
            var command = new NpgsqlBatchCommand(sql);
            AddRows(command.Parameters, alerts);
            batch.BatchCommands.Add(command);
        }

        batch.BatchCommands.Add(PostgresAlertIntervals.Write(states.Intervals));

        await batch.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }

    public async Task AcknowledgeAsync(Guid id, string by, string? person, string? note, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            UPDATE alerts SET acknowledged_at = coalesce(acknowledged_at, now()), acknowledged_by = $2,
                acknowledged_for = $4, note = coalesce($3, note), updated_at = clock_timestamp()
            WHERE alert_id = $1
            """);
        command.Parameters.Add(NpgsqlDbType.Uuid, id)
            .Add(NpgsqlDbType.Text, by).Add(NpgsqlDbType.Text, (object?)note ?? DBNull.Value)
            .Add(NpgsqlDbType.Text, (object?)person ?? DBNull.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<IReadOnlySet<Guid>> AcknowledgeOpenAsync(
        IReadOnlyDictionary<Guid, int> occurrences, string by, string? person, string? note, CancellationToken cancellationToken)
    {
        // Rows are locked in the order of the other writers.
        await using var command = dataSource.CreateCommand(
            """
            WITH wanted AS (
                SELECT a.alert_id FROM alerts AS a JOIN unnest($1, $2) AS w(alert_id, occurrences)
                    ON w.alert_id = a.alert_id AND w.occurrences = a.occurrences
                WHERE a.cleared_at IS NULL AND a.acknowledged_at IS NULL ORDER BY a.alert_id FOR UPDATE OF a)
            UPDATE alerts AS a SET acknowledged_at = now(), acknowledged_by = $3, acknowledged_for = $4, note = coalesce($5, note),
                updated_at = clock_timestamp()
            FROM wanted WHERE a.alert_id = wanted.alert_id RETURNING a.alert_id
            """);
        command.Parameters
            .AddArray(NpgsqlDbType.Uuid, occurrences.Keys.ToArray()).AddArray(NpgsqlDbType.Integer, occurrences.Values.ToArray())
            .Add(NpgsqlDbType.Text, by).Add(NpgsqlDbType.Text, (object?)person ?? DBNull.Value)
            .Add(NpgsqlDbType.Text, (object?)note ?? DBNull.Value);
        var acknowledged = new HashSet<Guid>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            acknowledged.Add(reader.GetGuid(0));
        }

        return acknowledged;
    }

    public async Task<bool> MuteAsync(Guid[] ids, Guid groupAlert, long? time, CancellationToken cancellationToken)
    {
        // Rows are locked in the order of the other writers.
        await using var command = dataSource.CreateCommand(
            """
            WITH wanted AS (
                SELECT alert_id FROM alerts
                WHERE alert_id = ANY ($1) AND cleared_at IS NULL AND sensor_group IS NULL ORDER BY alert_id FOR UPDATE)
            UPDATE alerts AS a SET group_alert = $2, updated_at = clock_timestamp(),
                muted_until = CASE WHEN $3 IS NULL THEN $4 ELSE clock_timestamp() + $3 * interval '1 microsecond' END
            FROM wanted WHERE a.alert_id = wanted.alert_id
            """);
        command.Parameters.AddArray(NpgsqlDbType.Uuid, ids).Add(NpgsqlDbType.Uuid, groupAlert)
            .Add(NpgsqlDbType.Bigint, (object?)time ?? DBNull.Value).AddTime(Alert.Always);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }

    public async Task<long> RemoveAsync(long cutoff, CancellationToken cancellationToken)
    {
        await ExecuteAsync("DELETE FROM sensor_reports WHERE reported_at < $1");
        await ExecuteAsync("DELETE FROM silences WHERE ends_at < $1");
        var alerts = await ExecuteAsync("DELETE FROM alerts WHERE cleared_at < $1");
        await ExecuteAsync("DELETE FROM alert_groups WHERE closed_at < $1");
        await ExecuteAsync(
            """
            DELETE FROM notifications AS n WHERE created_at < $1
                AND NOT EXISTS (SELECT FROM alerts AS a WHERE a.alert_id = n.alert_id)
                AND NOT EXISTS (SELECT FROM alert_groups AS g WHERE g.group_id = n.group_id)
            """);
        return alerts;

        async Task<long> ExecuteAsync(string sql)
        {
            await using var command = dataSource.CreateCommand(sql);
            command.Parameters.AddTime(cutoff);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Adds the parameters $1 to $19, one array for each column of <see cref="Rows"/>.</summary>
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
        .AddArray(NpgsqlDbType.Smallint, Array.ConvertAll(rows, row => (short)AlertRow.ShardOf(row)))
        .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.Rule))
        .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => AlertRow.ToJson(row.Labels)))
        .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => row.Runbook))
        .AddArray(NpgsqlDbType.Text, Array.ConvertAll(rows, row => AlertRow.GroupOf(row.Group)))
        .AddArray(NpgsqlDbType.Bigint, Array.ConvertAll(rows, row => row.MutedFor));

    private static long? Raw(long? micros) => micros is { } given ? PostgresTime.ToRaw(given) : null;

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
