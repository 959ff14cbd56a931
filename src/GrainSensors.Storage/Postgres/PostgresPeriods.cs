using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The tables <c>window_period</c> and <c>merged_periods</c> in PostgreSQL.</summary>
internal sealed class PostgresPeriods(
    NpgsqlDataSource dataSource, PostgresPartitions partitions, WindowStoreOptions options, KnownLongerPeriods longer, TimeProvider clock)
{
    private const string UpsertPeriod =
        """
        INSERT INTO window_period AS p (period, length) VALUES ($1, $2)
        ON CONFLICT (only_row) DO UPDATE SET period = excluded.period, length = excluded.length
        WHERE p.length <> excluded.length
        """;

    // A window that has panes from before the change would be merged from a part of them. One that has come back within the day for
    // which a removed period is merged still has missed nothing.
    private const string UpsertLonger =
        """
        INSERT INTO merged_periods AS m (period, source, is_chained, first_start, retention)
        SELECT $1, $2, $3, CASE WHEN EXISTS (SELECT FROM windows) THEN $4 ELSE '-infinity' END, $5
        ON CONFLICT (period, source, is_chained) DO UPDATE
        SET retention = excluded.retention, end_start = NULL, removed_at = NULL,
            first_start = CASE
                WHEN m.end_start IS NULL AND (m.removed_at IS NULL OR m.removed_at > $6 - interval '1 day') THEN m.first_start
                ELSE excluded.first_start END
        """;

    /// <summary>The windows of a period from which on it has other panes keep those that they have.</summary>
    private const string EndOthers =
        """
        UPDATE merged_periods AS m SET end_start = p.first_start
        FROM merged_periods AS p
        WHERE p.period = $1 AND p.source = $2 AND p.is_chained = $3 AND m.period = p.period AND m.end_start IS NULL
            AND (m.source, m.is_chained) <> (p.source, p.is_chained)
        """;

    private const string RemoveOthers =
        "UPDATE merged_periods SET removed_at = $2 WHERE period <> ALL ($1) AND removed_at IS NULL AND end_start IS NULL";

    private const string BeginRemoval =
        """
        WITH kept AS MATERIALIZED (
            SELECT least($2, (SELECT min(window_start) FROM merged_windows WHERE is_stale AND pane = $1)) AS cutoff),
        noted AS (
            UPDATE merged_periods SET panes_from = kept.cutoff FROM kept WHERE source = $1 AND panes_from < kept.cutoff)
        SELECT cutoff FROM kept
        """;

    /// <summary>The other processes of a cluster know a longer period by then.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromMinutes(2);

    private RetentionPolicy Policy => new(options, clock);

    /// <summary>Stores the period of the contract.</summary>
    public async Task SetAsync(Period period, CancellationToken cancellationToken)
    {
        await using (var command = dataSource.CreateCommand(UpsertPeriod))
        {
            command.Parameters.Add(NpgsqlDbType.Text, period.ToString())
                .Add(NpgsqlDbType.Interval, TimeSpan.FromSeconds(period.TotalSeconds));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await DefineViewAsync(cancellationToken);

        // The first write of a period cannot wait for the lock.
        var pane = options.Longer.IsEmpty ? period : options.Longer.Pane;
        await partitions.CreateAsync(pane.ToString(), [], LockTimeoutRetry.Attempts, cancellationToken);
        if (options.HasSketches)
        {
            await PostgresPeriodPartitions.OfSketches(dataSource).EnsureAsync([new(pane)], Policy.Today, cancellationToken);
        }
    }

    /// <summary>Makes the configured longer periods those of the store.</summary>
    public async Task SetLongerAsync(CancellationToken cancellationToken)
    {
        // Before the first window of a longer period, which would be in the default partition.
        await PostgresPeriodPartitions.OfMerged(dataSource).EnsureAsync(Policy.Longer, Policy.Today, cancellationToken);
        await using (var batch = dataSource.CreateBatch())
        {
            foreach (var added in options.Longer.All)
            {
                batch.BatchCommands.Add(UpsertOf(added));
                batch.BatchCommands.Add(new(EndOthers));
                AddKey(batch.BatchCommands[^1], added);
            }

            var others = new NpgsqlBatchCommand(RemoveOthers);
            others.Parameters.AddArray(NpgsqlDbType.Text, [.. options.Longer.All.Select(kept => kept.Period.ToString())])
                .AddTime(EpochTime.Now(clock));
            batch.BatchCommands.Add(others);
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        await DefineViewAsync(cancellationToken);
        await ReadAsync(cancellationToken);
    }

    /// <summary>Reads the longer periods of the store; from then on, writes make their windows stale.</summary>
    public async Task<LongerPeriods> ReadAsync(CancellationToken cancellationToken) =>
        longer.Current = await ReadAsync("", cancellationToken);

    /// <param name="condition">A WHERE clause.</param>
    public async Task<LongerPeriods> ReadAsync(string condition, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"SELECT period, source, is_chained, first_start, panes_from FROM merged_periods {condition}");
        var periods = new List<LongerPeriod>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            periods.Add(new(
                StoredPeriod.ParseLonger(reader.GetString(0)), StoredPeriod.ParseLonger(reader.GetString(1)), reader.GetBoolean(2))
            {
                From = Math.Max(EpochTime.Min, PostgresWindowRows.ReadTime(reader, 3)),
                PanesFrom = Math.Max(EpochTime.Min, PostgresWindowRows.ReadTime(reader, 4)),
            });
        }

        return LongerPeriods.Restore(periods);
    }

    /// <summary>
    /// Notes that windows of a period are removed that ended by a time: longer windows that start earlier are not merged any more.
    /// </summary>
    /// <returns>The time by which they may be removed: those that wait to be merged are kept. µs since the epoch.</returns>
    public async Task<long> BeginRemovalAsync(string period, long cutoff, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(BeginRemoval);
        command.Parameters.Add(NpgsqlDbType.Text, period).AddTime(cutoff);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return PostgresWindowRows.ReadTime(reader, 0);
    }

    /// <summary>A function of the owner does it, so that the role of a silo need not own the view.</summary>
    private Task<bool> DefineViewAsync(CancellationToken cancellationToken) => LockTimeoutRetry.RunAsync(
        dataSource,
        async connection =>
        {
            await using var command = new NpgsqlCommand("SELECT define_contract_windows()", connection);
            return await command.ExecuteScalarAsync(cancellationToken) is true;
        },
        LockTimeoutRetry.Attempts,
        cancellationToken);

    private NpgsqlBatchCommand UpsertOf(LongerPeriod added)
    {
        var (command, retention) = (new NpgsqlBatchCommand(UpsertLonger), options.RetentionOf(added.Period.ToString()));
        AddKey(command, added);
        command.Parameters.AddTime(added.Period.FirstAt(EpochTime.From(clock.GetUtcNow() + Notice)))
            .Add(NpgsqlDbType.Interval, retention == Timeout.InfiniteTimeSpan ? (object)DBNull.Value : retention)
            .AddTime(EpochTime.Now(clock));
        return command;
    }

    private static void AddKey(NpgsqlBatchCommand command, LongerPeriod longer) => command.Parameters
        .Add(NpgsqlDbType.Text, longer.Period.ToString())
        .Add(NpgsqlDbType.Text, longer.Source.ToString())
        .Add(NpgsqlDbType.Boolean, longer.IsChained);
}
