using System.Runtime.CompilerServices;
using System.Text;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>Reads window rows from PostgreSQL: by key for grains, open windows for a new owner, ranges for reports.</summary>
internal sealed class PostgresWindowReads(NpgsqlDataSource dataSource, PostgresSessions sessions)
{
    // OFFSET 0 keeps the subquery separate, so it runs once for each key. PostgreSQL would otherwise plan a join that compares
    // all rows of a day without statistics with all keys.
    private const string ByWindow =
        $"""
        SELECT {PostgresWindowRows.Columns}
        FROM unnest($1, $2, $3) AS k (sensor_id, window_start, window_end)
        CROSS JOIN LATERAL (
            SELECT *
            FROM sensor_windows AS w
            WHERE w.sensor_id = k.sensor_id AND w.window_start = k.window_start AND w.window_end = k.window_end
                AND w.window_start >= $4 AND w.window_start <= $5
            OFFSET 0) AS w
        """;

    // A source whose windows are all closed has null here and needs no search. Without any checkpoint all rows are searched.
    private const string OpenFrom =
        "SELECT CASE WHEN count(*) = 0 THEN '-infinity' ELSE coalesce(min(open_from), 'infinity') END FROM checkpoints";

    private const string Open =
        "SELECT sensor_id, window_start, window_end, marks FROM sensor_windows WHERE NOT is_final AND window_start >= $1";

    private const string Pooled =
        """
        WITH rows AS (
            SELECT metric, to_timestamp(floor(extract(epoch FROM window_start) / $5) * $5) AS start,
                sample_count AS n, mean, m2, min, max, revision, is_final
            FROM sensor_windows
            WHERE sensor_id = $1 AND window_start >= $2 AND window_start < $3 AND window_end - window_start = $4
        ),
        means AS (
            SELECT metric, start, sum(n * mean) / sum(n) AS mean
            FROM rows
            GROUP BY metric, start
        )
        SELECT r.start, r.metric, sum(r.n)::bigint, m.mean, sum(r.m2 + r.n * (r.mean - m.mean) ^ 2), min(r.min), max(r.max),
            max(r.revision), bool_and(r.is_final)
        FROM rows AS r
        JOIN means AS m USING (metric, start)
        GROUP BY r.start, r.metric, m.mean
        ORDER BY r.start, r.metric
        """;

    /// <param name="windows">The windows; each at most once.</param>
    public async Task<IReadOnlyList<WindowRow>> ReadAsync(IReadOnlyList<WindowId> windows)
    {
        var keys = windows.ToArray();
        await using var connection = await dataSource.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { IndexLookupPlan.Command() } };
        var command = new NpgsqlBatchCommand(ByWindow);
        command.Parameters
            .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(keys, key => key.SensorId))
            .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(keys, key => PostgresTime.ToRaw(key.Start)))
            .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(keys, key => PostgresTime.ToRaw(key.End)))
            .AddTime(keys.Min(key => key.Start))
            .AddTime(keys.Max(key => key.Start));
        batch.BatchCommands.Add(command);
        await sessions.PrepareAsync(batch);
        var rows = new List<WindowRow>(keys.Length * 2);
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        while (await reader.ReadAsync())
        {
            rows.Add(PostgresWindowRows.Read(reader));
        }

        return rows;
    }

    public async Task<IReadOnlyList<OpenWindow>> ReadOpenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        long from;
        await using (var command = new NpgsqlCommand(OpenFrom, connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            await reader.ReadAsync(cancellationToken);
            from = PostgresWindowRows.ReadTime(reader, 0);
        }

        var marks = new Dictionary<WindowId, Marks>();
        if (from == long.MaxValue)
        {
            return [];
        }

        await using var search = new NpgsqlCommand(Open, connection);
        search.Parameters.AddTime(from);
        await using var rows = await search.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var window = new WindowId(rows.GetInt32(0), PostgresWindowRows.ReadTime(rows, 1), PostgresWindowRows.ReadTime(rows, 2));
            var stored = StoredMarks.Read(rows.GetFieldValue<byte[]>(3), window.SensorId, window.Start);
            marks[window] = marks.GetValueOrDefault(window).Max(stored);
        }

        return [.. marks.Select(window => new OpenWindow(window.Key, window.Value))];
    }

    public async IAsyncEnumerable<WindowRow> QueryAsync(
        WindowQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand { Connection = connection };
        var sql = new StringBuilder(
            $"SELECT {PostgresWindowRows.Columns} FROM sensor_windows AS w WHERE w.window_start >= $1 AND w.window_start < $2");
        command.Parameters.AddTime(query.From).AddTime(query.To);
        if (query.SensorIds is { } sensors)
        {
            command.Parameters.AddArray(NpgsqlDbType.Integer, [.. sensors]);
            sql.Append(" AND w.sensor_id = ANY ($3)");
        }

        if (query.Period is { } period)
        {
            command.Parameters.Add(NpgsqlDbType.Interval, TimeSpan.FromSeconds(period.TotalSeconds));
            sql.Append(" AND w.window_end - w.window_start = $").Append(command.Parameters.Count);
        }

        sql.Append(" ORDER BY w.sensor_id, w.metric, w.window_start, w.window_end");
        command.CommandText = sql.ToString();

        // Reports over long ranges may run for minutes.
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return PostgresWindowRows.Read(reader);
        }
    }

    public async Task<IReadOnlyList<PooledWindow>> PoolAsync(PoolQuery query, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Pooled, connection);
        command.Parameters.Add(NpgsqlDbType.Integer, query.SensorId);
        command.Parameters.AddTime(query.From).AddTime(query.To);
        command.Parameters.Add(NpgsqlDbType.Interval, TimeSpan.FromSeconds(query.Period.TotalSeconds));
        command.Parameters.Add(NpgsqlDbType.Bigint, query.Length.TotalSeconds);
        var windows = new List<PooledWindow>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            windows.Add(new(
                PostgresWindowRows.ReadTime(reader, 0),
                reader.GetString(1),
                new(reader.GetInt64(2), reader.GetDouble(3), reader.GetDouble(4), reader.GetDouble(5), reader.GetDouble(6)),
                reader.GetInt32(7),
                reader.GetBoolean(8)));
        }

        return windows;
    }

    public async Task<IReadOnlySet<int>> FindReportedAsync(
        IReadOnlyCollection<int> sensorIds, long before, CancellationToken cancellationToken)
    {
        // The limit keeps the planner from a join with all windows: the key finds one at once.
        await using var command = dataSource.CreateCommand(
            """
            SELECT s.id FROM unnest($1) AS s (id) CROSS JOIN LATERAL
                (SELECT 1 FROM sensor_windows AS w WHERE w.sensor_id = s.id AND w.window_start < $2 LIMIT 1) AS found
            """);
        command.Parameters.AddArray(NpgsqlDbType.Integer, [.. sensorIds.Distinct()]).AddTime(before);
        var found = new HashSet<int>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetInt32(0));
        }

        return found;
    }
}
