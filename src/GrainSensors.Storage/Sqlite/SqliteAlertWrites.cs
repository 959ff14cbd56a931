using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Storage.Alerts;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>Writes, acknowledges and removes alerts in SQLite. The parameter <c>now</c> is in µs since the epoch.</summary>
internal static class SqliteAlertWrites
{
    private const string ClearSuperseded =
        """
        UPDATE alerts SET cleared_at = $last_raised, updated_at = $now
        WHERE sensor_id = $sensor AND measurement = $measurement AND kind = $kind AND cleared_at IS NULL AND alert_id <> $id
            AND coalesce(rule, kind) = $rule AND sensor_group IS $group AND raised_at <= $raised
        """;

    // An open newer alert means that this writer is behind, so the row is inserted as cleared.
    private const string Upsert =
        $"""
        {AlertStatements.Insert}
        VALUES ($id, $sensor, $measurement, $kind, $level, $raised, $last_raised,
            coalesce($cleared, (SELECT max(n.raised_at, $last_raised) FROM alerts AS n
                WHERE n.sensor_id = $sensor AND n.measurement = $measurement AND n.kind = $kind AND n.cleared_at IS NULL
                    AND coalesce(n.rule, n.kind) = $rule AND n.sensor_group IS $group AND n.alert_id <> $id)),
            $occurrences, $value, $expected, $last_reading, $message, $shard, $rule, $labels, $runbook, $group, $now + $muted_for, $now)
        {AlertStatements.Update}
        """;

    public static bool Write(SqliteConnection connection, long now, AlertStates states)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        foreach (var alert in states.Alerts.OrderBy(alert => alert.ClearedAt is null))
        {
            if (alert.ClearedAt is null && Execute(connection, ClearSuperseded, alert, now) > 0)
            {
                Execute(connection, SqliteAlertIntervals.ClearLast("$sensor"), alert, now);
            }

            Execute(connection, Upsert, alert, now);
        }

        foreach (var interval in states.Intervals)
        {
            SqliteAlertIntervals.Write(connection, interval);
        }

        transaction.Commit();
        return true;
    }

    public static int Acknowledge(SqliteConnection connection, long now, Guid id, string by, string? person, string? note)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            UPDATE alerts SET acknowledged_at = coalesce(acknowledged_at, $now), acknowledged_by = $by,
                acknowledged_for = $person, note = coalesce($note, note), updated_at = $now
            WHERE alert_id = $id
            """;
        command.Parameters.AddWithValue("$id", id.ToString());
        command.Parameters.AddWithValue("$by", by);
        command.Parameters.AddWithValue("$person", (object?)person ?? DBNull.Value);
        command.Parameters.AddWithValue("$note", (object?)note ?? DBNull.Value);
        command.Parameters.AddWithValue("$now", now);
        return command.ExecuteNonQuery();
    }

    public static IReadOnlySet<Guid> AcknowledgeOpen(
        SqliteConnection connection, long now, IReadOnlyDictionary<Guid, int> occurrences, string by, string? person, string? note)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            UPDATE alerts SET acknowledged_at = $now, acknowledged_by = $by, acknowledged_for = $person, note = coalesce($note, note),
                updated_at = $now
            WHERE alert_id = $id AND occurrences = $occurrences AND cleared_at IS NULL AND acknowledged_at IS NULL
            """;
        command.Parameters.AddWithValue("$by", by);
        command.Parameters.AddWithValue("$person", (object?)person ?? DBNull.Value);
        command.Parameters.AddWithValue("$note", (object?)note ?? DBNull.Value);
        command.Parameters.AddWithValue("$now", now);
        var id = command.Parameters.AddWithValue("$id", "");
        var count = command.Parameters.AddWithValue("$occurrences", 0);
        var acknowledged = new HashSet<Guid>();
        foreach (var (alert, raised) in occurrences)
        {
            (id.Value, count.Value) = (alert.ToString(), raised);
            if (command.ExecuteNonQuery() > 0)
            {
                acknowledged.Add(alert);
            }
        }

        return acknowledged;
    }

    public static int Mute(SqliteConnection connection, long now, IReadOnlyCollection<Guid> ids, Guid groupAlert, long? time)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            UPDATE alerts SET group_alert = $group, muted_until = $until, updated_at = $now
            WHERE alert_id IN (SELECT value FROM json_each($ids)) AND cleared_at IS NULL AND sensor_group IS NULL
            """;
        command.Parameters.AddWithValue("$ids", JsonSerializer.Serialize(ids));
        command.Parameters.AddWithValue("$group", groupAlert.ToString());
        command.Parameters.AddWithValue("$until", now + time ?? Alert.Always);
        command.Parameters.AddWithValue("$now", now);
        return command.ExecuteNonQuery();
    }

    public static long Remove(SqliteConnection connection, long cutoff)
    {
        Delete("sensor_reports WHERE reported_at < $cutoff");
        Delete("silences WHERE ends_at < $cutoff");
        var alerts = Delete("alerts WHERE cleared_at < $cutoff");
        Delete("alert_group_members WHERE group_id IN (SELECT group_id FROM alert_groups WHERE closed_at < $cutoff)");
        Delete("alert_groups WHERE closed_at < $cutoff");
        Delete(
            "notifications WHERE created_at < $cutoff AND alert_id NOT IN (SELECT alert_id FROM alerts) "
            + "AND alert_id NOT IN (SELECT group_id FROM alert_groups)");
        return alerts;

        long Delete(string rows)
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"DELETE FROM {rows}";
            command.Parameters.AddWithValue("$cutoff", cutoff);
            return command.ExecuteNonQuery();
        }
    }

    private static int Execute(SqliteConnection connection, string sql, Alert alert, long now)
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
        Add("$shard", AlertRow.ShardOf(alert));
        Add("$rule", alert.Rule);
        Add("$labels", AlertRow.ToJson(alert.Labels));
        Add("$runbook", alert.Runbook);
        Add("$group", AlertRow.GroupOf(alert.Group));
        Add("$muted_for", alert.MutedFor);
        Add("$now", now);
        return command.ExecuteNonQuery();

        void Add(string name, object? value) => command.Parameters.AddWithValue(name, value ?? DBNull.Value);
    }
}
