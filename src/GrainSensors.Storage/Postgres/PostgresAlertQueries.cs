using System.Text;
using GrainSensors.Core.Alerts;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Labels;
using GrainSensors.Storage.Sensors;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>Reads alerts from PostgreSQL.</summary>
internal sealed class PostgresAlertQueries(NpgsqlDataSource dataSource, ISensorRegistry sensors)
{
    private const string ActiveByLabels =
        "SELECT matchers, ends_at FROM silences WHERE ends_at > now() AND starts_at <= now() AND matchers IS NOT NULL";

    private const string Select =
        $"""
        SELECT {AlertStatements.Columns},
            greatest(
                (SELECT max(s.ends_at) FROM silences AS s
                    WHERE s.starts_at <= now() AND s.ends_at > now() AND s.matchers IS NULL
                        AND (s.sensor_id IS NULL OR s.sensor_id = a.sensor_id)),
                CASE WHEN a.muted_until > now() THEN a.muted_until END)
        FROM alerts AS a
        """;

    private readonly LabelSilences _silences = new();

    public Task<IReadOnlyList<Alert>> QueryAsync(AlertQuery query, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand();
        var sql = new StringBuilder($"{Select} WHERE a.raised_at >= $1 AND a.raised_at < $2");
        var parameters = command.Parameters.AddTime(query.From).AddTime(query.To);
        if (query.Statuses.Count > 0)
        {
            sql.Append(" AND (").AppendJoin(" OR ", query.Statuses.Select(AlertStatements.Condition)).Append(')');
        }

        if (query.Ids.Count > 0)
        {
            parameters.AddArray(NpgsqlDbType.Uuid, query.Ids.ToArray());
            sql.Append($" AND a.alert_id = ANY (${parameters.Count})");
        }

        And("kind", query.Kind?.Name());
        And("level", query.Level?.Name());
        And("measurement", query.Measurement);
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

        sql.Append($" ORDER BY a.raised_at DESC, a.alert_id DESC LIMIT {Math.Clamp(query.Limit, 1, AlertQuery.MaxLimit)}");
        command.CommandText = sql.ToString();
        return ReadAsync(command, cancellationToken);

        void And(string column, string? value)
        {
            if (value is not null)
            {
                parameters.Add(NpgsqlDbType.Text, value);
                sql.Append($" AND a.{column} = ${parameters.Count}");
            }
        }
    }

    public Task<IReadOnlyList<Alert>> ReadOpenAsync(int shard, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand($"{Select} WHERE a.shard = $1 AND a.cleared_at IS NULL");
        command.Parameters.Add(NpgsqlDbType.Smallint, (short)shard);
        return ReadAsync(command, cancellationToken);
    }

    public async Task<Alert?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand($"{Select} WHERE a.alert_id = $1");
        command.Parameters.Add(NpgsqlDbType.Uuid, id);
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
    }

    public Task<IReadOnlyList<Alert>> ReadChangesAsync(long since, Guid after, int limit, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(
            $"""
            {Select}
            WHERE (a.updated_at, a.alert_id) > ($1, $2) OR (a.updated_at = $1 AND $3)
            ORDER BY a.updated_at, a.alert_id LIMIT $4
            """);
        command.Parameters.AddTime(since)
            .Add(NpgsqlDbType.Uuid, after).Add(NpgsqlDbType.Boolean, after == Guid.Empty).Add(NpgsqlDbType.Integer, limit);
        return ReadAsync(command, cancellationToken);
    }

    public async Task<AlertCounts> CountOpenAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(AlertStatements.CountOpen);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<(string, long, long)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add((reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2)));
        }

        return AlertCounts.Of(rows);
    }

    /// <summary>Reads the silences with matchers in the same exchange.</summary>
    private async Task<IReadOnlyList<Alert>> ReadAsync(NpgsqlBatchCommand command, CancellationToken cancellationToken)
    {
        var active = new List<LabelSilence>();
        IReadOnlyList<Alert> alerts;
        await using (var batch = dataSource.CreateBatch())
        {
            batch.BatchCommands.Add(command);
            batch.BatchCommands.Add(new(ActiveByLabels));
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            alerts = await ReadAsync(reader, cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                active.Add(new(reader.GetString(0), PostgresWindowRows.ReadTime(reader, 1)));
            }
        }

        return alerts.Count == 0 || active.Count == 0
            ? alerts
            : _silences.Apply(
                alerts, active, await sensors.FindAsync([.. alerts.Select(alert => alert.SensorId).Distinct()], cancellationToken));
    }

    private static async Task<IReadOnlyList<Alert>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var alerts = new List<Alert>();
        while (await reader.ReadAsync(cancellationToken))
        {
            alerts.Add(new(
                reader.GetGuid(0),
                reader.GetInt32(1),
                reader.GetString(2),
                AlertNames.ParseKind(reader.GetString(3)),
                AlertNames.ParseLevel(reader.GetString(4)),
                PostgresWindowRows.ReadTime(reader, 5),
                PostgresWindowRows.ReadTime(reader, 6),
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
                UpdatedAt = PostgresWindowRows.ReadTime(reader, 16),
                AcknowledgedFor = Text(17),
                Rule = reader.GetString(18),
                Labels = AlertRow.LabelsOf(Text(19)),
                Runbook = Text(20),
                Group = Text(21) is { } group ? AlertRow.LabelsOf(group) : null,
                GroupAlert = reader.IsDBNull(22) ? null : reader.GetGuid(22),
                MutedUntil = Time(23),
                SensorName = Text(24),
                SilencedUntil = Time(25),
            });
        }

        return alerts;

        long? Time(int column) => reader.IsDBNull(column) ? null : PostgresWindowRows.ReadTime(reader, column);
        double Number(int column) => reader.IsDBNull(column) ? double.NaN : reader.GetDouble(column);
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }
}
