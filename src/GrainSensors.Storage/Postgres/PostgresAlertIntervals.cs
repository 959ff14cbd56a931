using GrainSensors.Storage.Alerts;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>alert_intervals</c> in PostgreSQL.</summary>
internal sealed class PostgresAlertIntervals(NpgsqlDataSource dataSource)
{
    /// <summary>
    /// Ends a statement that begins with <c>WITH cleared AS (…)</c>, rows with <c>alert_id</c>, <c>occurrences</c> and
    /// <c>cleared_at</c>: clears the last interval of these alerts.
    /// </summary>
    public const string ClearLast =
        """
        UPDATE alert_intervals AS i SET cleared_at = c.cleared_at FROM cleared AS c
        WHERE i.alert_id = c.alert_id AND i.occurrence = c.occurrences AND i.cleared_at IS NULL
        """;

    // A writer that is behind opens no interval of an alert that has cleared.
    private const string Upsert =
        $"""
        INSERT INTO alert_intervals AS i (alert_id, occurrence, raised_at, cleared_at)
        SELECT w.alert_id, w.occurrence, w.raised_at, coalesce(w.cleared_at, a.cleared_at)
        FROM unnest($1, $2, $3, $4) AS w (alert_id, occurrence, raised_at, cleared_at) JOIN alerts AS a USING (alert_id)
        ORDER BY w.alert_id, w.occurrence
        {AlertStatements.UpdateInterval}
        """;

    /// <summary>Writes intervals after their alerts, in the same transaction.</summary>
    public static NpgsqlBatchCommand Write(IReadOnlyCollection<AlertInterval> intervals)
    {
        var rows = intervals.ToArray();
        var command = new NpgsqlBatchCommand(Upsert);
        command.Parameters
            .AddArray(NpgsqlDbType.Uuid, Array.ConvertAll(rows, row => row.AlertId))
            .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(rows, row => row.Occurrence))
            .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(rows, row => PostgresTime.ToRaw(row.RaisedAt)))
            .AddArray(
                NpgsqlDbType.TimestampTz,
                Array.ConvertAll(rows, row => row.ClearedAt is { } cleared ? PostgresTime.ToRaw(cleared) : (long?)null));
        return command;
    }

    public async Task<IReadOnlyList<AlertInterval>> ReadAsync(AlertIntervalQuery query, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            SELECT alert_id, occurrence, raised_at, cleared_at FROM alert_intervals
            WHERE alert_id = ANY ($1) AND raised_at < $3 AND (cleared_at IS NULL OR cleared_at > $2)
                {(query.After is null ? "" : "AND (raised_at, occurrence) < ($5, $6)")}
            ORDER BY raised_at DESC, occurrence DESC LIMIT $4
            """);
        command.Parameters.AddArray(NpgsqlDbType.Uuid, query.AlertIds.ToArray())
            .AddTime(query.From).AddTime(query.To).Add(NpgsqlDbType.Integer, query.Limit);
        if (query.After is { } after)
        {
            command.Parameters.AddTime(after.RaisedAt).Add(NpgsqlDbType.Integer, after.Occurrence);
        }

        var intervals = new List<AlertInterval>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            intervals.Add(new(
                reader.GetGuid(0),
                reader.GetInt32(1),
                PostgresWindowRows.ReadTime(reader, 2),
                reader.IsDBNull(3) ? null : PostgresWindowRows.ReadTime(reader, 3)));
        }

        return intervals;
    }

    public async Task<IReadOnlyDictionary<Guid, long>> SumAsync(
        Guid[] alertIds, long from, long to, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            SELECT alert_id,
                (extract(epoch FROM sum(least(coalesce(cleared_at, $3), $3) - greatest(raised_at, $2))) * 1000000)::bigint
            FROM alert_intervals
            WHERE alert_id = ANY ($1) AND raised_at < $3 AND coalesce(cleared_at, $3) > greatest(raised_at, $2)
            GROUP BY alert_id
            """);
        command.Parameters.AddArray(NpgsqlDbType.Uuid, alertIds).AddTime(from).AddTime(to);
        var sums = new Dictionary<Guid, long>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            sums.Add(reader.GetGuid(0), reader.GetInt64(1));
        }

        return sums;
    }
}
