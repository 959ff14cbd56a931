using System.Runtime.CompilerServices;
using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>merged_windows</c> in PostgreSQL.</summary>
internal sealed class PostgresMergedWindows(
    NpgsqlDataSource dataSource, PostgresSessions sessions, KnownLongerPeriods longer, string store, TimeProvider clock)
    : IMergedWindowStore
{
    private const string Columns =
        "m.sensor_id, m.period, m.window_start, m.pane, m.token, m.metrics, m.statistics, m.revision, m.is_final, m.is_stale, "
        + "m.latest_at, m.latest_partition, m.latest_offset, m.latest_index";

    // Without OFFSET 0, PostgreSQL would join all panes with all stale windows.
    private const string Stale =
        """
        WITH life AS MATERIALIZED (SELECT store_life() AS id)
        SELECT m.sensor_id, m.period, m.window_start, m.pane, m.is_chained, m.token, id
        FROM merged_windows AS m, life
        WHERE m.is_stale AND m.window_end <= $1
            AND NOT EXISTS (
                SELECT FROM windows AS w
                WHERE NOT m.is_chained AND m.window_end > $3 AND w.sensor_id = m.sensor_id AND w.period = m.pane
                    AND w.window_start >= m.window_start AND w.window_start < m.window_end AND NOT w.is_final
                OFFSET 0)
            AND NOT EXISTS (
                SELECT FROM merged_windows AS p
                WHERE m.is_chained AND p.sensor_id = m.sensor_id AND p.period = m.pane
                    AND p.window_start >= m.window_start AND p.window_start < m.window_end
                    AND (p.is_stale OR (NOT p.is_final AND m.window_end > $3))
                OFFSET 0)
        ORDER BY m.window_end, m.sensor_id, m.period
        LIMIT $2
        """;

    private const string Panes =
        """
        SELECT k.position, w.window_start, w.metrics, w.statistics, w.latest_at, w.latest_partition, w.latest_offset, w.latest_index
        FROM unnest($1, $2, $3, $4, $5) AS k (sensor_id, pane, window_start, window_end, position)
        CROSS JOIN LATERAL (
            SELECT *
            FROM {0} AS w
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
            is_due = m.is_due OR NOT m.is_final OR (m.metrics, m.statistics) IS DISTINCT FROM (k.metrics, k.statistics),
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

    private const string Due = $"SELECT {Columns} FROM merged_windows AS m WHERE m.is_due ORDER BY m.window_end LIMIT $1";

    private const string Announced =
        """
        UPDATE merged_windows AS m SET is_due = false
        FROM unnest($1, $2, $3, $4) AS k (sensor_id, period, window_start, token)
        WHERE m.sensor_id = k.sensor_id AND m.period = k.period AND m.window_start = k.window_start AND m.token = k.token
        RETURNING m.sensor_id
        """;

    private const string ByWindow =
        $"""
        SELECT {Columns}
        FROM unnest($1, $2, $3) AS k (sensor_id, period, window_start)
        JOIN merged_windows AS m USING (sensor_id, period, window_start)
        """;

    private const string InRange =
        $"""
        SELECT {Columns}
        FROM merged_windows AS m
        WHERE m.period = $1 AND m.window_start >= $2 AND m.window_start < $3 AND m.is_final AND ($4 IS NULL OR m.sensor_id = ANY ($4))
        ORDER BY m.sensor_id, m.window_start
        """;

    public Task<LongerPeriods> ReadPeriodsAsync(CancellationToken cancellationToken) => GuardAsync(
        async connection => longer.Current = await PostgresPeriods.ReadAsync(connection, cancellationToken), cancellationToken);

    public async Task<bool> TryRunAsync(Func<Task> merge, CancellationToken cancellationToken)
    {
        await using var held = await GuardAsync(
            () => AdvisoryLock.TryTakeAsync(dataSource, AdvisoryLock.Merging, cancellationToken), cancellationToken);
        if (held is null)
        {
            return false;
        }

        await merge();
        return true;
    }

    /// <remarks>One transaction, because a pooler may give the next one to another server.</remarks>
    public Task<IReadOnlyList<StaleWindow>> ReadStaleAsync(
        long endedBy, long waitFrom, int limit, CancellationToken cancellationToken) => GuardAsync(
        async connection =>
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var command = new NpgsqlBatchCommand(Stale);
            command.Parameters.AddTime(endedBy).Add(NpgsqlDbType.Integer, limit).AddTime(waitFrom);
            var stale = await QueryAsync(
                connection,
                [command],
                reader => new StaleWindow(
                    ReadId(reader), StoredPeriod.ParseLonger(reader.GetString(3)), reader.GetBoolean(4), reader.GetInt64(5),
                    reader.GetGuid(6), []),
                cancellationToken);
            foreach (var source in stale.Select((window, i) => (window, i)).GroupBy(pair => pair.window.IsChained).ToList())
            {
                var positions = source.Select(pair => pair.i).ToArray();
                var panes = (await QueryAsync(connection, [PanesOf(stale, positions)], ReadPane, cancellationToken))
                    .ToLookup(pane => pane.Position, pane => pane.Pane);
                foreach (var i in positions)
                {
                    stale[i] = stale[i] with { Panes = [.. panes[i]] };
                }
            }

            await transaction.CommitAsync(cancellationToken);
            return (IReadOnlyList<StaleWindow>)stale;
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
        var stale = PostgresStaleWindows.CreateUpserts(
            merges.Select(merge => (merge.Window.Id, merge.RowVersion)), longer.Current, clock);
        foreach (var position in await QueryAsync([command, .. stale], reader => reader.GetInt64(0), cancellationToken))
        {
            outcomes[order[position - 1]] = WriteOutcome.Written;
        }

        return outcomes;

        T[] Of<T>(Func<WindowMerge, T> column) => Array.ConvertAll(order, i => column(merges[i]));
    }

    public async Task<IReadOnlyList<MergedWindow>> ReadDueAsync(int limit, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(Due);
        command.Parameters.Add(NpgsqlDbType.Integer, limit);
        return await QueryAsync([command], Read, cancellationToken);
    }

    public Task AnnouncedAsync(IReadOnlyList<MergedWindow> windows, CancellationToken cancellationToken)
    {
        var sorted = PostgresStaleWindows.InOrder(windows, window => window.Id);
        var command = new NpgsqlBatchCommand(Announced);
        command.Parameters.AddKeys(Array.ConvertAll(sorted, window => window.Id))
            .AddArray(NpgsqlDbType.Bigint, Array.ConvertAll(sorted, window => window.RowVersion));
        return QueryAsync([command], reader => reader.GetInt32(0), cancellationToken);
    }

    public async Task<IReadOnlyList<MergedWindow>> ReadAsync(
        IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(ByWindow);
        command.Parameters.AddKeys([.. windows]);
        return await QueryAsync([command], Read, cancellationToken);
    }

    public async IAsyncEnumerable<MergedWindow> QueryAsync(
        IReadOnlyList<int>? sensorIds, WindowPeriod period, long from, long to,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(InRange);
        command.Parameters.Add(NpgsqlDbType.Text, period.ToString()).AddTime(from).AddTime(to)
            .Add(NpgsqlDbType.Array | NpgsqlDbType.Integer, (object?)sensorIds?.ToArray() ?? DBNull.Value);
        await using var reader = await GuardAsync(() => command.ExecuteReaderAsync(cancellationToken), cancellationToken);
        while (await GuardAsync(() => reader.ReadAsync(cancellationToken), cancellationToken))
        {
            yield return Read(reader);
        }
    }

    private static NpgsqlBatchCommand PanesOf(List<StaleWindow> stale, int[] positions)
    {
        var windows = Array.ConvertAll(positions, i => stale[i]);
        var command = new NpgsqlBatchCommand(
            Panes.Replace("{0}", windows[0].IsChained ? "merged_windows" : "windows", StringComparison.Ordinal));
        command.Parameters
            .AddArray(NpgsqlDbType.Integer, Of(window => window.Id.SensorId))
            .AddArray(NpgsqlDbType.Text, Of(window => window.Source.ToString()))
            .AddArray(NpgsqlDbType.TimestampTz, Of(window => PostgresTime.ToRaw(window.Id.Start)))
            .AddArray(NpgsqlDbType.TimestampTz, Of(window => PostgresTime.ToRaw(window.Id.End)))
            .AddArray(NpgsqlDbType.Integer, positions)
            .AddArray(NpgsqlDbType.Text, [.. Of(window => window.Source.ToString()).Distinct()])
            .AddTime(windows.Min(window => window.Id.Start))
            .AddTime(windows.Max(window => window.Id.End));
        return command;

        T[] Of<T>(Converter<StaleWindow, T> column) => Array.ConvertAll(windows, column);
    }

    private static (int Position, WindowPane Pane) ReadPane(NpgsqlDataReader reader) => (
        reader.GetInt32(0),
        new(PostgresWindowRows.ReadTime(reader, 1), PostgresWindowRows.ReadStatistics(reader, 2), ReadLatest(reader, 4)));

    private static MergedWindow Read(NpgsqlDataReader reader) => new(
        ReadId(reader), StoredPeriod.ParseLonger(reader.GetString(3)),
        new(PostgresWindowRows.ReadStatistics(reader, 5), ReadLatest(reader, 10)), reader.GetInt64(4), reader.GetInt32(7),
        reader.GetBoolean(8), reader.GetBoolean(9));

    private static MergedWindowId ReadId(NpgsqlDataReader reader) =>
        new(reader.GetInt32(0), StoredPeriod.ParseLonger(reader.GetString(1)), PostgresWindowRows.ReadTime(reader, 2));

    private static ReadingOrder? ReadLatest(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : PostgresWindowRows.ReadOrder(reader, column);

    private Task<List<T>> QueryAsync<T>(
        IEnumerable<NpgsqlBatchCommand> commands, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) =>
        GuardAsync(connection => QueryAsync(connection, commands, read, cancellationToken), cancellationToken);

    /// <returns>The rows of the first command.</returns>
    private static async Task<List<T>> QueryAsync<T>(
        NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> commands, Func<NpgsqlDataReader, T> read,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { IndexLookupPlan.Command() } };
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }

        var rows = new List<T>();
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        while (await reader.NextResultAsync(cancellationToken))
        {
        }

        return rows;
    }

    private Task<T> GuardAsync<T>(Func<NpgsqlConnection, Task<T>> action, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            return await action(connection);
        },
        cancellationToken);

    private Task<T> GuardAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync(store, action, cancellationToken, sessions.Failed);
}
