using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>merged_windows</c> in PostgreSQL.</summary>
internal sealed class PostgresMergedWindows(NpgsqlDataSource dataSource, PostgresSessions sessions, string store, TimeProvider clock)
    : IMergedWindowStore
{
    private const string Stale =
        """
        WITH life AS MATERIALIZED (SELECT store_life() AS id)
        SELECT sensor_id, period, window_start, pane, token, id FROM merged_windows, life
        WHERE is_stale AND window_end <= $1
        ORDER BY window_end, sensor_id, period
        LIMIT $2
        """;

    private const string Panes =
        $"""
        SELECT {PostgresWindowRows.Columns}, k.position
        FROM unnest($1, $2, $3, $4, $5) AS k (sensor_id, pane, window_start, window_end, position)
        CROSS JOIN LATERAL (
            SELECT *
            FROM windows AS w
            WHERE w.sensor_id = k.sensor_id AND w.period = k.pane AND w.window_start >= k.window_start AND w.window_start < k.window_end
                AND w.is_final AND w.period = ANY ($6) AND w.window_start >= $7 AND w.window_start < $8
            OFFSET 0) AS w
        """;

    private const string Merge =
        """
        WITH life AS MATERIALIZED (SELECT store_life() AS id)
        UPDATE merged_windows AS m
        SET metrics = k.metrics, statistics = k.statistics, token = k.token, is_final = true, is_stale = false, updated_at = $14,
            revision = m.revision + (m.is_final AND (m.metrics, m.statistics) IS DISTINCT FROM (k.metrics, k.statistics))::int,
            latest_at = k.latest_at, latest_partition = k.latest_partition, latest_offset = k.latest_offset,
            latest_index = k.latest_index
        FROM (
            SELECT *, $4[first:last] AS metrics, $5[first:last][1:6] AS statistics
            FROM unnest($1, $2, $3, $6, $7, $8, $9, $10, $11, $12, $13, $15) WITH ORDINALITY AS k (
                sensor_id, period, window_start, first, last, expected, token, latest_at, latest_partition, latest_offset, latest_index,
                life, position)) AS k
        JOIN life ON life.id = k.life
        WHERE m.sensor_id = k.sensor_id AND m.period = k.period AND m.window_start = k.window_start AND m.token = k.expected
        RETURNING k.position
        """;

    private const string ByWindow =
        """
        SELECT m.sensor_id, m.period, m.window_start, m.pane, m.token, m.metrics, m.statistics, m.revision, m.is_final, m.is_stale,
            m.latest_at, m.latest_partition, m.latest_offset, m.latest_index
        FROM unnest($1, $2, $3) AS k (sensor_id, period, window_start)
        JOIN merged_windows AS m USING (sensor_id, period, window_start)
        """;

    /// <remarks>One transaction, because a pooler may give the next one to another server.</remarks>
    public Task<IReadOnlyList<StaleWindow>> ReadStaleAsync(long endedBy, int limit, CancellationToken cancellationToken) => GuardAsync(
        async connection =>
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var command = new NpgsqlBatchCommand(Stale);
            command.Parameters.AddTime(endedBy).Add(NpgsqlDbType.Integer, limit);
            var stale = await QueryAsync(
                connection,
                command,
                reader => new StaleWindow(
                    ReadId(reader), StoredPeriod.Parse(reader.GetString(3)), reader.GetInt64(4), reader.GetGuid(5), []),
                cancellationToken);
            if (stale.Count > 0)
            {
                var panes = (await QueryAsync(
                    connection, PanesOf(stale), reader => (reader.GetInt32(16), PostgresWindowRows.Read(reader)), cancellationToken))
                    .ToLookup(pane => pane.Item1, pane => pane.Item2);
                stale = [.. stale.Select((window, i) => window with { Panes = [.. panes[i]] })];
            }

            await transaction.CommitAsync(cancellationToken);
            return stale;
        },
        cancellationToken);

    public async Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowMerge> merges, CancellationToken cancellationToken)
    {
        var outcomes = new WriteOutcome[merges.Count];
        Array.Fill(outcomes, WriteOutcome.Refused);
        if (merges.Count == 0)
        {
            return outcomes;
        }

        var order = PostgresStaleWindows.InOrder(Enumerable.Range(0, merges.Count), i => merges[i].Window.Id);
        var command = new NpgsqlBatchCommand(Merge);
        command.Parameters.AddKeys(Of(merge => merge.Window.Id))
            .AddMeasured(Of(merge => merge.Statistics.Measurements), out _)
            .AddArray(NpgsqlDbType.Bigint, Of(merge => merge.Window.RowVersion))
            .AddArray(NpgsqlDbType.Bigint, Of(merge => merge.RowVersion))
            .AddArray(NpgsqlDbType.TimestampTz, Of<long?>(
                merge => merge.Statistics.Latest is { } latest ? PostgresTime.ToRaw(latest.Timestamp) : null))
            .AddArray(NpgsqlDbType.Integer, Of(merge => merge.Statistics.Latest?.Partition))
            .AddArray(NpgsqlDbType.Bigint, Of(merge => merge.Statistics.Latest?.Offset))
            .AddArray(NpgsqlDbType.Integer, Of(merge => merge.Statistics.Latest?.Index))
            .AddTime(EpochTime.Now(clock))
            .AddArray(NpgsqlDbType.Uuid, Of(merge => merge.Window.Life));
        foreach (var position in await QueryAsync(command, reader => reader.GetInt64(0), cancellationToken))
        {
            outcomes[order[position - 1]] = WriteOutcome.Written;
        }

        return outcomes;

        T[] Of<T>(Func<WindowMerge, T> column) => Array.ConvertAll(order, i => column(merges[i]));
    }

    public Task<IReadOnlyList<MergedWindow>> ReadAsync(IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(ByWindow);
        command.Parameters.AddKeys([.. windows]);
        return QueryAsync(
            command,
            reader =>
            {
                var latest = reader.IsDBNull(10) ? (ReadingOrder?)null : PostgresWindowRows.ReadOrder(reader, 10);
                return new MergedWindow(
                    ReadId(reader), StoredPeriod.Parse(reader.GetString(3)), new(PostgresWindowRows.ReadStatistics(reader, 5), latest),
                    reader.GetInt64(4), reader.GetInt32(7), reader.GetBoolean(8), reader.GetBoolean(9));
            },
            cancellationToken);
    }

    private static NpgsqlBatchCommand PanesOf(IReadOnlyList<StaleWindow> windows)
    {
        var command = new NpgsqlBatchCommand(Panes);
        command.Parameters
            .AddArray(NpgsqlDbType.Integer, Of(window => window.Id.SensorId))
            .AddArray(NpgsqlDbType.Text, Of(window => StoredPeriod.Text(window.Pane)))
            .AddArray(NpgsqlDbType.TimestampTz, Of(window => PostgresTime.ToRaw(window.Id.Start)))
            .AddArray(NpgsqlDbType.TimestampTz, Of(window => PostgresTime.ToRaw(window.Id.End)))
            .AddArray(NpgsqlDbType.Integer, [.. Enumerable.Range(0, windows.Count)])
            .AddArray(NpgsqlDbType.Text, [.. Of(window => StoredPeriod.Text(window.Pane)).Distinct()])
            .AddTime(windows.Min(window => window.Id.Start))
            .AddTime(windows.Max(window => window.Id.End));
        return command;

        T[] Of<T>(Func<StaleWindow, T> column) => [.. windows.Select(column)];
    }

    private static MergedWindowId ReadId(NpgsqlDataReader reader) =>
        new(reader.GetInt32(0), WindowPeriod.Parse(reader.GetString(1)), PostgresWindowRows.ReadTime(reader, 2));

    private Task<IReadOnlyList<T>> QueryAsync<T>(
        NpgsqlBatchCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) =>
        GuardAsync(connection => QueryAsync(connection, command, read, cancellationToken), cancellationToken);

    private static async Task<IReadOnlyList<T>> QueryAsync<T>(
        NpgsqlConnection connection, NpgsqlBatchCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { IndexLookupPlan.Command(), command } };
        var rows = new List<T>();
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        await reader.NextResultAsync(cancellationToken);
        return rows;
    }

    private Task<T> GuardAsync<T>(Func<NpgsqlConnection, Task<T>> action, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            return await action(connection);
        },
        cancellationToken,
        sessions.Failed);
}
