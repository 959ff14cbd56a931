using System.Text.Json;
using GrainSensors.Storage.Alerts;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>alert_intervals</c> in SQLite.</summary>
internal static class SqliteAlertIntervals
{
    /// <summary>Clears the last interval of those alerts of a sensor that have cleared.</summary>
    /// <param name="sensor">The name of the parameter that is the sensor.</param>
    public static string ClearLast(string sensor) =>
        $"""
        UPDATE alert_intervals AS i SET cleared_at = a.cleared_at FROM alerts AS a
        WHERE a.sensor_id = {sensor} AND a.cleared_at IS NOT NULL
            AND i.alert_id = a.alert_id AND i.occurrence = a.occurrences AND i.cleared_at IS NULL
        """;

    // A writer that is behind opens no interval of an alert that has cleared.
    private const string Upsert =
        $"""
        INSERT INTO alert_intervals AS i (alert_id, occurrence, raised_at, cleared_at)
        SELECT $id, $occurrence, $raised, coalesce($cleared, a.cleared_at) FROM alerts AS a WHERE a.alert_id = $id
        {AlertStatements.UpdateInterval}
        """;

    public static void Write(SqliteConnection connection, AlertInterval interval)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Upsert;
        command.Parameters.AddWithValue("$id", interval.AlertId.ToString());
        command.Parameters.AddWithValue("$occurrence", interval.Occurrence);
        command.Parameters.AddWithValue("$raised", interval.RaisedAt);
        command.Parameters.AddWithValue("$cleared", (object?)interval.ClearedAt ?? DBNull.Value);
        command.ExecuteNonQuery();
    }

    public static IReadOnlyList<AlertInterval> Read(SqliteConnection connection, AlertIntervalQuery query)
    {
        using var command = Create(connection, query.AlertIds, query.From, query.To);
        command.CommandText =
            $"""
            SELECT alert_id, occurrence, raised_at, cleared_at FROM alert_intervals
            WHERE alert_id IN (SELECT value FROM json_each($ids)) AND raised_at < $to AND (cleared_at IS NULL OR cleared_at > $from)
                {(query.After is null ? "" : "AND (raised_at, occurrence) < ($after, $after_occurrence)")}
            ORDER BY raised_at DESC, occurrence DESC LIMIT $limit
            """;
        command.Parameters.AddWithValue("$limit", query.Limit);
        if (query.After is { } after)
        {
            command.Parameters.AddWithValue("$after", after.RaisedAt);
            command.Parameters.AddWithValue("$after_occurrence", after.Occurrence);
        }

        var intervals = new List<AlertInterval>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            intervals.Add(new(
                Guid.Parse(reader.GetString(0)), reader.GetInt32(1), reader.GetInt64(2), reader.IsDBNull(3) ? null : reader.GetInt64(3)));
        }

        return intervals;
    }

    public static IReadOnlyDictionary<Guid, long> Sum(
        SqliteConnection connection, IReadOnlyCollection<Guid> alertIds, long from, long to)
    {
        using var command = Create(connection, alertIds, from, to);
        command.CommandText =
            """
            SELECT alert_id, sum(min(coalesce(cleared_at, $to), $to) - max(raised_at, $from)) FROM alert_intervals
            WHERE alert_id IN (SELECT value FROM json_each($ids)) AND raised_at < $to AND coalesce(cleared_at, $to) > max(raised_at, $from)
            GROUP BY alert_id
            """;
        var sums = new Dictionary<Guid, long>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            sums.Add(Guid.Parse(reader.GetString(0)), reader.GetInt64(1));
        }

        return sums;
    }

    private static SqliteCommand Create(SqliteConnection connection, IReadOnlyCollection<Guid> alertIds, long from, long to)
    {
        var command = connection.CreateCommand();
        command.Parameters.AddWithValue("$ids", JsonSerializer.Serialize(alertIds));
        command.Parameters.AddWithValue("$from", from);
        command.Parameters.AddWithValue("$to", to);
        return command;
    }
}
