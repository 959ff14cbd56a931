using System.Globalization;
using System.Text;
using GrainSensors.Core.Alerts;
using GrainSensors.Storage.Alerts;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>
/// Reads alerts from SQLite, with the silences of their sensors and of all sensors. The parameter <c>now</c> is in µs since the epoch and
/// decides which silences are active.
/// </summary>
internal static class SqliteAlertQueries
{
    private const string Select =
        $"""
        SELECT {AlertStatements.Columns},
            nullif(max(
                coalesce((SELECT max(s.ends_at) FROM silences AS s
                    WHERE s.starts_at <= $now AND s.ends_at > $now AND s.matchers IS NULL
                        AND (s.sensor_id IS NULL OR s.sensor_id = a.sensor_id)), 0),
                CASE WHEN a.muted_until > $now THEN a.muted_until ELSE 0 END), 0)
        FROM alerts AS a WHERE
        """;

    public static IReadOnlyList<Alert> Query(SqliteConnection connection, long now, AlertQuery query)
    {
        using var command = Create(connection, now);
        var sql = new StringBuilder($"{Select} a.raised_at >= $from AND a.raised_at < $to");
        command.Parameters.AddWithValue("$from", query.From);
        command.Parameters.AddWithValue("$to", query.To);
        if (query.Statuses.Count > 0)
        {
            sql.Append(" AND (").AppendJoin(" OR ", query.Statuses.Select(AlertStatements.Condition)).Append(')');
        }

        if (query.Ids.Count > 0)
        {
            sql.Append(" AND a.alert_id IN (SELECT value FROM json_each($ids))");
            command.Parameters.AddWithValue("$ids", $"[{string.Join(',', query.Ids.Select(id => $"\"{id}\""))}]");
        }

        And("kind", query.Kind?.Name());
        And("level", query.Level?.Name());
        And("measurement", query.Measurement);
        if (query.SensorIds.Count > 0)
        {
            sql.Append(" AND a.sensor_id IN (SELECT value FROM json_each($sensors))");
            var ids = query.SensorIds.Select(id => id.ToString(CultureInfo.InvariantCulture));
            command.Parameters.AddWithValue("$sensors", $"[{string.Join(',', ids)}]");
        }

        if (query.After is { } after)
        {
            sql.Append(" AND (a.raised_at, a.alert_id) < ($after, $after_id)");
            command.Parameters.AddWithValue("$after", after.RaisedAt);
            command.Parameters.AddWithValue("$after_id", after.Id.ToString());
        }

        var limit = Math.Clamp(query.Limit, 1, AlertQuery.MaxLimit);
        sql.Append(CultureInfo.InvariantCulture, $" ORDER BY a.raised_at DESC, a.alert_id DESC LIMIT {limit}");
        return Read(command, sql.ToString());

        void And(string column, string? value)
        {
            if (value is not null)
            {
                sql.Append(CultureInfo.InvariantCulture, $" AND a.{column} = ${column}");
                command.Parameters.AddWithValue($"${column}", value);
            }
        }
    }

    public static IReadOnlyList<Alert> ReadOpen(SqliteConnection connection, long now, int shard)
    {
        using var command = Create(connection, now);
        command.Parameters.AddWithValue("$shard", shard);
        return Read(command, $"{Select} a.shard = $shard AND a.cleared_at IS NULL");
    }

    public static IReadOnlyList<Alert> Find(SqliteConnection connection, long now, Guid id)
    {
        using var command = Create(connection, now);
        command.Parameters.AddWithValue("$id", id.ToString());
        return Read(command, $"{Select} a.alert_id = $id");
    }

    public static IReadOnlyList<Alert> ReadChanges(SqliteConnection connection, long now, long since, Guid after, int limit)
    {
        using var command = Create(connection, now);
        command.Parameters.AddWithValue("$since", since);
        command.Parameters.AddWithValue("$after", after.ToString());
        command.Parameters.AddWithValue("$all", after == Guid.Empty);
        command.Parameters.AddWithValue("$limit", limit);
        return Read(
            command,
            $"""
            {Select} a.updated_at > $since OR (a.updated_at = $since AND (a.alert_id > $after OR $all))
            ORDER BY a.updated_at, a.alert_id LIMIT $limit
            """);
    }

    public static AlertCounts CountOpen(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = AlertStatements.CountOpen;
        using var reader = command.ExecuteReader();
        var rows = new List<(string, long, long)>();
        while (reader.Read())
        {
            rows.Add((reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2)));
        }

        return AlertCounts.Of(rows);
    }

    private static SqliteCommand Create(SqliteConnection connection, long now)
    {
        var command = connection.CreateCommand();
        command.Parameters.AddWithValue("$now", now);
        return command;
    }

    private static List<Alert> Read(SqliteCommand command, string sql)
    {
        command.CommandText = sql;
        var alerts = new List<Alert>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            alerts.Add(Read(reader));
        }

        return alerts;
    }

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
            AcknowledgedFor = Text(17),
            Rule = reader.GetString(18),
            Labels = AlertRow.LabelsOf(Text(19)),
            Runbook = Text(20),
            Group = Text(21) is { } group ? AlertRow.LabelsOf(group) : null,
            GroupAlert = Text(22) is { } id ? Guid.Parse(id) : null,
            MutedUntil = Time(23),
            SensorName = Text(24),
            SilencedUntil = Time(25),
        };

        long? Time(int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);
        double Number(int column) => reader.IsDBNull(column) ? double.NaN : reader.GetDouble(column);
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }
}
