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
    NpgsqlDataSource dataSource, PostgresSessions sessions, PostgresPeriods periods, KnownLongerPeriods longer, string store,
    TimeProvider clock)
    : IMergedWindowStore
{
    public LongerPeriods Periods => longer.Current;

    public Task SetPeriodsAsync(CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            await periods.SetLongerAsync(cancellationToken);
            return true;
        },
        cancellationToken);

    public Task<LongerPeriods> ReadPeriodsAsync(CancellationToken cancellationToken) =>
        GuardAsync(() => periods.ReadAsync(cancellationToken), cancellationToken);

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

    public async Task<long?> ReadStreamTimeAsync(long since, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(MergedWindowStatements.StreamTime);
        command.Parameters.AddTime(since);
        var times = await QueryAsync([command], reader => PostgresWindowRows.ReadTime(reader, 0), cancellationToken);
        return times is [var time] ? time : null;
    }

    public Task<IReadOnlyList<StaleWindow>> ReadStaleAsync(
        long endedBy, long waitFrom, MergedWindowId? after, int limit, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(MergedWindowStatements.Stale);
        command.Parameters.AddTime(endedBy).Add(NpgsqlDbType.Integer, limit).AddTime(waitFrom)
            .AddTime(after?.End ?? EpochTime.Min).Add(NpgsqlDbType.Integer, after?.SensorId ?? int.MinValue)
            .Add(NpgsqlDbType.Text, after?.Period.ToString() ?? "");
        return ReadWithPanesAsync(command, cancellationToken);
    }

    public Task<IReadOnlyList<StaleWindow>> ReadMergedAsync(
        IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(MergedWindowStatements.Merged);
        command.Parameters.AddKeys([.. windows]);
        return ReadWithPanesAsync(command, cancellationToken);
    }

    public async Task<IReadOnlyList<MergedWindowId>> MarkStaleAsync(
        IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken) =>
        await QueryAsync([PostgresStaleWindows.CreateMark(windows, clock)], ReadId, cancellationToken);

    /// <remarks>One transaction, because a pooler may give the next one to another server.</remarks>
    private Task<IReadOnlyList<StaleWindow>> ReadWithPanesAsync(
        NpgsqlBatchCommand command, CancellationToken cancellationToken) => GuardAsync(
        async connection =>
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
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
        var measured = new MeasuredColumns(Of(merge => merge.Statistics.Measurements), MeasuredColumns.MergedWidth);
        var command = new NpgsqlBatchCommand(MergedWindowStatements.Merge);
        command.Parameters.AddKeys(Of(merge => merge.Window.Id))
            .AddMeasured(measured)
            .AddArray(NpgsqlDbType.Bigint, Of(merge => merge.Window.RowVersion))
            .AddArray(NpgsqlDbType.Bigint, Of(merge => merge.RowVersion))
            .AddArray(NpgsqlDbType.TimestampTz, Of<long?>(
                merge => merge.Statistics.Latest is { } latest ? PostgresTime.ToRaw(latest.Timestamp) : null))
            .AddArray(NpgsqlDbType.Integer, Of(merge => merge.Statistics.Latest?.Partition))
            .AddArray(NpgsqlDbType.Bigint, Of(merge => merge.Statistics.Latest?.Offset))
            .AddArray(NpgsqlDbType.Integer, Of(merge => merge.Statistics.Latest?.Index))
            .AddTime(EpochTime.Now(clock))
            .AddArray(NpgsqlDbType.Uuid, Of(merge => merge.Window.Life))
            .Add(
                NpgsqlDbType.Array | NpgsqlDbType.Bytea,
                measured.HasSketches.Contains(true) ? measured.Sketches() : (object)DBNull.Value);
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
        var command = new NpgsqlBatchCommand(MergedWindowStatements.Due);
        command.Parameters.Add(NpgsqlDbType.Integer, limit);
        return await QueryAsync([command], Read, cancellationToken);
    }

    public Task AnnouncedAsync(IReadOnlyList<MergedWindow> windows, CancellationToken cancellationToken)
    {
        var sorted = PostgresStaleWindows.InOrder(windows, window => window.Id);
        var command = new NpgsqlBatchCommand(MergedWindowStatements.Announced);
        command.Parameters.AddKeys(Array.ConvertAll(sorted, window => window.Id))
            .AddArray(NpgsqlDbType.Bigint, Array.ConvertAll(sorted, window => window.RowVersion));
        return QueryAsync([command], reader => reader.GetInt32(0), cancellationToken);
    }

    public async Task<IReadOnlyList<MergedWindow>> ReadAsync(
        IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(MergedWindowStatements.ByWindow);
        command.Parameters.AddKeys([.. windows]);
        return await QueryAsync([command], Read, cancellationToken);
    }

    public async IAsyncEnumerable<MergedWindow> QueryAsync(
        IReadOnlyList<int>? sensorIds, WindowPeriod period, long from, long to,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(MergedWindowStatements.InRange);
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
            windows[0].IsChained ? MergedWindowStatements.MergedPanes : MergedWindowStatements.Panes);
        command.Parameters
            .AddArray(NpgsqlDbType.Integer, Of(window => window.Id.SensorId))
            .AddArray(NpgsqlDbType.Text, Of(window => window.Source.ToString()))
            .AddArray(NpgsqlDbType.TimestampTz, Of(window => PostgresTime.ToRaw(window.Id.Start)))
            .AddArray(NpgsqlDbType.Text, [.. Of(window => window.Source.ToString()).Distinct()])
            .AddTime(windows.Min(window => window.Id.Start))
            .AddTime(windows.Max(window => window.Id.End) - 1)
            .AddArray(NpgsqlDbType.TimestampTz, Of(window => PostgresTime.ToRaw(window.Id.End)))
            .AddArray(NpgsqlDbType.Integer, positions);
        return command;

        T[] Of<T>(Converter<StaleWindow, T> column) => Array.ConvertAll(windows, column);
    }

    private static (int Position, WindowPane Pane) ReadPane(NpgsqlDataReader reader)
    {
        var measured = PostgresWindowRows.ReadStatistics(reader, 2);
        PostgresWindowRows.ReadSketches(reader, 8, 9, measured);
        EdgeColumns.Read(reader, 10, measured);
        return (reader.GetInt32(0), new(PostgresWindowRows.ReadTime(reader, 1), measured, ReadLatest(reader, 4)));
    }

    private static MergedWindow Read(NpgsqlDataReader reader)
    {
        var measured = PostgresWindowRows.ReadStatistics(reader, 5);
        PostgresWindowRows.ReadSketches(reader, 5, 14, measured);
        return new(
            ReadId(reader), StoredPeriod.ParseLonger(reader.GetString(3)), new(measured, ReadLatest(reader, 10)), reader.GetInt64(4),
            reader.GetInt32(7), reader.GetBoolean(8), reader.GetBoolean(9));
    }

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
