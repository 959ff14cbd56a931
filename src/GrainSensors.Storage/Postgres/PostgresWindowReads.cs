using System.Runtime.CompilerServices;
using System.Text;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>Reads windows from PostgreSQL: by key for grains, open windows for a new owner, ranges for reports.</summary>
internal sealed class PostgresWindowReads(NpgsqlDataSource dataSource, PostgresSessions sessions, PostgresLife life)
{
    // OFFSET 0 keeps the subquery separate, so it runs once for each key. PostgreSQL would otherwise plan a join that compares
    // all rows of a day without statistics with all keys.
    private const string ByWindow =
        $"""
        SELECT {PostgresWindowRows.Columns}
        FROM unnest($1, $2, $3) AS k (sensor_id, period, window_start)
        CROSS JOIN LATERAL (
            SELECT *
            FROM windows AS w
            WHERE w.sensor_id = k.sensor_id AND w.period = k.period AND w.window_start = k.window_start
                AND w.period = ANY ($4) AND w.window_start >= $5 AND w.window_start <= $6
            OFFSET 0) AS w
        {PostgresWindowRows.JoinSketches}
        """;

    // A source whose windows are all closed has null here and needs no search. Without any checkpoint all rows are searched.
    private const string OpenFrom =
        "SELECT CASE WHEN count(*) = 0 THEN '-infinity' ELSE coalesce(min(open_from), 'infinity') END FROM checkpoints";

    private const string Open =
        "SELECT sensor_id, period, window_start, marks FROM windows WHERE (NOT is_final OR is_due) AND window_start >= $1";

    private const string Pooled =
        """
        WITH rows AS (
            SELECT metric, to_timestamp(floor(extract(epoch FROM window_start) / $5) * $5) AS start,
                sample_count AS n, mean, m2, min, max, revision, is_final
            FROM sensor_windows
            WHERE sensor_id = $1 AND window_start >= $2 AND window_start < $3 AND period = $4
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
    public async Task<IReadOnlyList<StoredWindow>> ReadAsync(IReadOnlyList<WindowId> windows)
    {
        var keys = windows.ToArray();
        await using var connection = await dataSource.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { IndexLookupPlan.Command() } };
        var command = new NpgsqlBatchCommand(ByWindow);
        command.Parameters.AddKeys(keys).AddBounds(keys);
        batch.BatchCommands.Add(command);
        batch.BatchCommands.Add(new(PostgresLife.Select));
        await sessions.PrepareAsync(batch);
        var found = new List<StoredWindow>(keys.Length);
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        while (await reader.ReadAsync())
        {
            found.Add(PostgresWindowRows.Read(reader));
        }

        await reader.NextResultAsync();
        await reader.ReadAsync();
        life.Found(reader.GetGuid(0));
        return found;
    }

    public async Task<IReadOnlyList<OpenWindow>> ReadOpenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var from = await ReadOpenFromAsync(connection, cancellationToken);
        var open = new List<OpenWindow>();
        if (from == long.MaxValue)
        {
            return open;
        }

        await using var search = new NpgsqlCommand(Open, connection);
        search.Parameters.AddTime(from);
        await using var rows = await search.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var window = new WindowId(rows.GetInt32(0), StoredPeriod.Parse(rows.GetString(1)), PostgresWindowRows.ReadTime(rows, 2));
            open.Add(new(window, StoredMarks.Read(rows.GetFieldValue<byte[]>(3), window.SensorId, window.Start)));
        }

        return open;
    }

    /// <returns>The search for open windows begins at this start, µs since the epoch.</returns>
    public static async Task<long> ReadOpenFromAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(OpenFrom, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return PostgresWindowRows.ReadTime(reader, 0);
    }

    public async IAsyncEnumerable<WindowRow> QueryAsync(
        WindowQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand { Connection = connection };
        var sql = new StringBuilder(
            query.WithDetails
                ? $"SELECT {PostgresWindowRows.ViewColumns}, {PostgresWindowRows.DetailsOfRow}"
                : $"SELECT {PostgresWindowRows.ViewColumns} FROM sensor_windows AS w");
        sql.Append(" WHERE w.window_start >= $1 AND w.window_start < $2");
        command.Parameters.AddTime(query.From).AddTime(query.To);
        if (query.SensorIds is { } sensors)
        {
            command.Parameters.AddArray(NpgsqlDbType.Integer, [.. sensors]);
            sql.Append(" AND w.sensor_id = ANY ($3)");
        }

        if (query.Period is { } period)
        {
            command.Parameters.Add(NpgsqlDbType.Text, StoredPeriod.Text(period));
            sql.Append(" AND w.period = $").Append(command.Parameters.Count);
        }

        sql.Append(" ORDER BY w.sensor_id, w.metric, w.window_start, w.period");
        command.CommandText = sql.ToString();

        // Reports over long ranges may run for minutes.
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = PostgresWindowRows.ReadMeasured(reader);
            yield return query.WithDetails ? PostgresWindowRows.ReadDetails(reader, row) : row;
        }
    }

    public async Task<IReadOnlyList<PooledWindow>> PoolAsync(PoolQuery query, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Pooled, connection);
        command.Parameters.Add(NpgsqlDbType.Integer, query.SensorId);
        command.Parameters.AddTime(query.From).AddTime(query.To);
        command.Parameters.Add(NpgsqlDbType.Text, StoredPeriod.Text(query.Period));
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
                (SELECT 1 FROM windows AS w WHERE w.sensor_id = s.id AND w.window_start < $2 LIMIT 1) AS found
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
