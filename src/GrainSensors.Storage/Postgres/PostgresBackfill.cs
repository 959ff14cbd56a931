using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>Backfills of the table <c>merged_windows</c> in PostgreSQL.</summary>
internal sealed class PostgresBackfill(
    NpgsqlDataSource dataSource, PostgresPartitions partitions, PostgresPeriods periods, string store, TimeProvider clock)
    : IBackfillStore
{
    private const string Times =
        """
        SELECT (SELECT max(panes_from) FROM merged_periods WHERE source = $2),
            (SELECT max(first_start) FROM merged_periods WHERE period = $2 AND end_start IS NULL AND $3),
            (SELECT max($4 - retention) FROM merged_periods WHERE period = $2 AND end_start IS NULL AND $3),
            (SELECT max(end_start) FROM merged_periods WHERE period = $1),
            (SELECT max($4 - retention) FROM merged_periods WHERE period = $1 AND end_start IS NULL)
        """;

    // A transaction that has read the former first start may have written a pane without a mark; the lock waits for its end.
    private const string Lock = "LOCK TABLE merged_periods IN ACCESS EXCLUSIVE MODE";

    private const string Lower =
        """
        UPDATE merged_periods SET first_start = $4
        WHERE period = $1 AND source = $2 AND is_chained = $3 AND first_start > $4 AND end_start IS NULL
        """;

    public Task<IReadOnlyList<LongerPeriod>> ReadPeriodsAsync(CancellationToken cancellationToken) => GuardAsync(
        async () => (await periods.ReadAsync("WHERE end_start IS NULL AND removed_at IS NULL", cancellationToken)).All, cancellationToken);

    public Task<BackfillReach> ReadReachAsync(LongerPeriod longer, long keptFrom, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            var source = longer.Source.ToString();
            var counted = longer.Period.Plain is { } plain ? await EdgeAsync(plain.ToString(), isFirst: false, cancellationToken) : null;
            var first = longer.IsChained
                ? await TimeAsync("SELECT min(window_start) FROM merged_windows WHERE period = $1 AND is_final", source, cancellationToken)
                : await EdgeAsync(source, isFirst: true, cancellationToken);
            var isLater = !longer.IsChained && first is { } pane && await HasOthersAsync(source, pane, cancellationToken);
            await using var command = dataSource.CreateCommand(Times);
            AddKey(command.Parameters, longer).AddTime(EpochTime.Now(clock));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return BackfillReach.Of(
                longer.Period, first,
                (BackfillLimit.PanesDeleted, longer.IsChained ? Time(2) : keptFrom),
                (BackfillLimit.PanesDeleted, Time(0)),
                (BackfillLimit.PanesBegin, Time(1)),
                (BackfillLimit.PanesBegin, isLater ? first : null),
                (BackfillLimit.Counted, counted is { } last ? longer.Period.EndOf(last) : null),
                (BackfillLimit.OtherPanes, Time(3)),
                (BackfillLimit.Retention, Time(4)));

            long? Time(int column) => reader.IsDBNull(column) ? null : PostgresWindowRows.ReadTime(reader, column);
        },
        cancellationToken);

    public Task BeginAsync(LongerPeriod longer, long from, long firstWindow, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            await EnsureAsync(
                PostgresPeriodPartitions.OfMerged(dataSource), longer.Period, firstWindow, EpochTime.Now(clock), cancellationToken);
            return await LockTimeoutRetry.RunAsync(
                dataSource,
                async connection =>
                {
                    await connection.ExecuteAsync(Lock, cancellationToken);
                    await using var command = new NpgsqlCommand(Lower, connection);
                    AddKey(command.Parameters, longer).AddTime(from);
                    return await command.ExecuteNonQueryAsync(cancellationToken);
                },
                LockTimeoutRetry.Attempts,
                cancellationToken);
        },
        cancellationToken);

    public Task<IReadOnlyList<MergedWindowId>> FindMissingAsync(
        LongerPeriod longer, long start, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                $"""
                SELECT DISTINCT w.sensor_id FROM {(longer.IsChained ? "merged_windows" : "windows")} AS w
                WHERE w.period = $2 AND w.window_start >= $3 AND w.window_start < $4 AND w.is_final
                    AND NOT EXISTS (
                        SELECT FROM merged_windows AS m WHERE m.sensor_id = w.sensor_id AND m.period = $1 AND m.window_start = $3)
                    AND NOT EXISTS (
                        SELECT FROM windows AS c WHERE c.sensor_id = w.sensor_id AND c.period = $1 AND c.window_start = $3)
                """);
            command.CommandTimeout = 0;
            command.Parameters.Add(NpgsqlDbType.Text, longer.Period.ToString()).Add(NpgsqlDbType.Text, longer.Source.ToString())
                .AddTime(start).AddTime(longer.Period.EndOf(start));
            var found = new List<MergedWindowId>();
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                found.Add(new(reader.GetInt32(0), longer.Period, start));
            }

            return (IReadOnlyList<MergedWindowId>)found;
        },
        cancellationToken);

    public Task PrepareSketchesAsync(Period pane, long first, long last, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            await EnsureAsync(PostgresPeriodPartitions.OfSketches(dataSource), new(pane), first, last, cancellationToken);
            return true;
        },
        cancellationToken);

    /// <summary>Creates partitions for windows, which would be in the default partition without.</summary>
    private static async Task EnsureAsync(
        PostgresPeriodPartitions partitions, WindowPeriod period, long first, long last, CancellationToken cancellationToken)
    {
        var end = DateOnly.FromDateTime(EpochTime.ToDateTime(last));
        for (var day = DateOnly.FromDateTime(EpochTime.ToDateTime(first)); day <= end; day = day.AddMonths(1))
        {
            await partitions.EnsureAsync([period], day, cancellationToken);
        }
    }

    /// <summary>Reads the partitions one by one, because a period may have far more rows than those of one day.</summary>
    /// <returns>The first or the last start of a counted window of the period.</returns>
    private async Task<long?> EdgeAsync(string period, bool isFirst, CancellationToken cancellationToken)
    {
        var all = (await partitions.ListAsync(cancellationToken)).Where(partition => partition.Period == period);
        var (edge, aggregate) = ((long?)null, isFirst ? "min" : "max");
        foreach (var group in (isFirst ? all : all.Reverse()).GroupBy(partition => partition.Day is null))
        {
            foreach (var partition in group)
            {
                if (await TimeAsync($"SELECT {aggregate}(window_start) FROM {partition.Name}", null, cancellationToken) is { } time)
                {
                    edge = edge is { } other ? isFirst ? Math.Min(other, time) : Math.Max(other, time) : time;
                    break;
                }
            }
        }

        return edge;
    }

    /// <returns>Whether windows of other periods were counted earlier.</returns>
    private async Task<bool> HasOthersAsync(string period, long before, CancellationToken cancellationToken)
    {
        var others = (await partitions.ListAsync(cancellationToken)).Select(partition => partition.Period).Where(other => other != period);
        await using var command = dataSource.CreateCommand(
            "SELECT EXISTS (SELECT FROM windows WHERE period = ANY ($1) AND window_start < $2)");
        command.CommandTimeout = 0;
        command.Parameters.AddArray(NpgsqlDbType.Text, [.. others.Distinct()]).AddTime(before);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private async Task<long?> TimeAsync(string sql, string? period, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(sql);
        command.CommandTimeout = 0;
        if (period is not null)
        {
            command.Parameters.Add(NpgsqlDbType.Text, period);
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.IsDBNull(0) ? null : PostgresWindowRows.ReadTime(reader, 0);
    }

    private static NpgsqlParameterCollection AddKey(NpgsqlParameterCollection parameters, LongerPeriod longer) => parameters
        .Add(NpgsqlDbType.Text, longer.Period.ToString())
        .Add(NpgsqlDbType.Text, longer.Source.ToString())
        .Add(NpgsqlDbType.Boolean, longer.IsChained);

    private Task<T> GuardAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync(store, action, cancellationToken);
}
