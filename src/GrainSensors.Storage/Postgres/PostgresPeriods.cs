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
    NpgsqlDataSource dataSource, PostgresPartitions partitions, PostgresMergedPartitions merged, WindowStoreOptions options,
    KnownLongerPeriods longer, TimeProvider clock)
{
    private const string UpsertPeriod =
        """
        INSERT INTO window_period AS p (period, length) VALUES ($1, $2)
        ON CONFLICT (only_row) DO UPDATE SET period = excluded.period, length = excluded.length
        WHERE p.length <> excluded.length
        """;

    // A window that has panes from before the change would be merged from a part of them.
    private const string UpsertLonger =
        """
        INSERT INTO merged_periods AS m (period, source, is_chained, first_start, retention)
        SELECT k.*, $1 FROM (
            SELECT $2, $3, $4, CASE WHEN EXISTS (SELECT FROM windows) THEN $5 ELSE '-infinity' END) AS k
        ON CONFLICT (period) DO UPDATE
        SET source = excluded.source, is_chained = excluded.is_chained, retention = excluded.retention,
            first_start = CASE
                WHEN (m.source, m.is_chained) = (excluded.source, excluded.is_chained) THEN m.first_start
                ELSE excluded.first_start END
        WHERE (m.source, m.is_chained) <> (excluded.source, excluded.is_chained) OR m.retention IS DISTINCT FROM excluded.retention
        """;

    /// <summary>The other processes of a cluster know a longer period by then.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromMinutes(2);

    /// <summary>Stores the period of the contract and the longer periods.</summary>
    public async Task SetAsync(Period period, CancellationToken cancellationToken)
    {
        // Before the first window of a longer period, which would be in the default partition.
        var configured = options.Longer;
        await merged.EnsureAsync(new(options, clock), cancellationToken);
        await using (var batch = dataSource.CreateBatch())
        {
            var command = new NpgsqlBatchCommand(UpsertPeriod);
            command.Parameters.Add(NpgsqlDbType.Text, period.ToString())
                .Add(NpgsqlDbType.Interval, TimeSpan.FromSeconds(period.TotalSeconds));
            batch.BatchCommands.Add(command);
            foreach (var added in configured.All)
            {
                batch.BatchCommands.Add(UpsertOf(added));
            }

            var others = new NpgsqlBatchCommand("DELETE FROM merged_periods WHERE period <> ALL ($1)");
            others.Parameters.AddArray(NpgsqlDbType.Text, [.. configured.All.Select(kept => kept.Period.ToString())]);
            batch.BatchCommands.Add(others);
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            longer.Current = await ReadAsync(connection, cancellationToken);
        }

        // The first write of a period cannot wait for the lock.
        var pane = configured.IsEmpty ? period : configured.Pane;
        await partitions.CreateAsync(pane.ToString(), [], LockTimeoutRetry.Attempts, cancellationToken);
    }

    public static async Task<LongerPeriods> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT period, source, is_chained FROM merged_periods", connection);
        var periods = new List<LongerPeriod>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            periods.Add(new(
                StoredPeriod.ParseLonger(reader.GetString(0)), StoredPeriod.ParseLonger(reader.GetString(1)), reader.GetBoolean(2)));
        }

        return LongerPeriods.Restore(periods);
    }

    private NpgsqlBatchCommand UpsertOf(LongerPeriod added)
    {
        var (command, retention) = (new NpgsqlBatchCommand(UpsertLonger), options.RetentionOf(added.Period.ToString()));
        command.Parameters
            .Add(NpgsqlDbType.Interval, retention == Timeout.InfiniteTimeSpan ? (object)DBNull.Value : retention)
            .Add(NpgsqlDbType.Text, added.Period.ToString())
            .Add(NpgsqlDbType.Text, added.Source.ToString())
            .Add(NpgsqlDbType.Boolean, added.IsChained)
            .AddTime(added.Period.FirstAt(EpochTime.From(clock.GetUtcNow() + Notice)));
        return command;
    }
}
