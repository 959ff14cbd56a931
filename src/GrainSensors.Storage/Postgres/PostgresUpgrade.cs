using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// Moves the windows of version 0.1, which had a row for each measurement, to the table <c>windows</c>. Each partition of the old
/// table is moved and dropped in one transaction, so a migration that is killed continues where it was.
/// </summary>
internal sealed partial class PostgresUpgrade(NpgsqlDataSource dataSource, PostgresPartitions partitions, string store, ILogger logger)
{
    private const string OldTable = "sensor_windows";
    private const string RenamedTable = "sensor_windows_0_1";

    private const string Partitions =
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = to_regclass($1) ORDER BY inhrelid::regclass::text";

    private const string Dependents =
        """
        SELECT v.oid::regclass::text FROM pg_depend AS d
        JOIN pg_rewrite AS r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
        JOIN pg_class AS v ON v.oid = r.ev_class
        WHERE d.refobjid = 'sensor_windows'::regclass AND v.relname NOT IN ('sensor_hours', 'sensor_days', 'sensor_temperatures')
        LIMIT 1
        """;

    private const string Latest =
        """
        SELECT w.marks, w.sensor_id, w.window_start FROM sensor_windows AS w
        WHERE w.updated_at >= (SELECT min(updated_at) - interval '1 hour' FROM checkpoints)
        """;

    /// <returns>Whether windows of version 0.1 are left to move.</returns>
    public async Task<bool> IsPendingAsync(CancellationToken cancellationToken) =>
        await OldTableAsync(cancellationToken) is not null;

    /// <exception cref="WindowStoreUnavailableException">
    /// A silo of version 0.1 was not stopped, but killed; or a view of another owner uses the old table.
    /// </exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (await OldTableAsync(cancellationToken) is not OldTable)
        {
            return;
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using (var command = new NpgsqlCommand(Dependents, connection))
        {
            if (await command.ExecuteScalarAsync(cancellationToken) is string view)
            {
                throw new WindowStoreUnavailableException(
                    $"The window store {store} cannot be migrated while {view} uses the table {OldTable}, which becomes a view with the "
                    + $"same columns; drop {view}, migrate, and create it again.");
            }
        }

        await CheckStoppedAsync(connection, cancellationToken);
    }

    private async Task CheckStoppedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var stop = new UncleanStop(store);
        await using (var command = new NpgsqlCommand("SELECT topic_id, partition, next_offset FROM checkpoints", connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                stop.AddCheckpoint(new(reader.GetGuid(0), reader.GetInt32(1)), reader.GetInt64(2));
            }
        }

        await using var search = new NpgsqlCommand(Latest, connection) { CommandTimeout = 0 };
        await using var rows = await search.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            stop.Check(rows.GetFieldValue<byte[]>(0), rows.GetInt32(1), PostgresWindowRows.ReadTime(rows, 2));
        }
    }

    public async Task MoveAsync(CancellationToken cancellationToken)
    {
        if (await OldTableAsync(cancellationToken) is not RenamedTable)
        {
            return;
        }

        foreach (var table in await PartitionsAsync(cancellationToken))
        {
            var windows = await MoveAsync(table, cancellationToken);
            if (windows > 0)
            {
                LogMoved(logger, table, windows);
            }
        }

        await using var command = dataSource.CreateCommand($"DROP TABLE {RenamedTable}");
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<long> MoveAsync(string table, CancellationToken cancellationToken)
    {
        var (lengths, periods) = (new List<TimeSpan>(), new List<string>());
        await using (var command = dataSource.CreateCommand($"SELECT DISTINCT window_end - window_start FROM {table}"))
        {
            command.CommandTimeout = 0;
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                lengths.Add(reader.GetTimeSpan(0));
                periods.Add(Period.FromSeconds((long)lengths[^1].TotalSeconds).ToString());
            }
        }

        var day = DateOnly.TryParseExact(table.Split('_')[^1], "yyyyMMdd", null, default, out var parsed) ? parsed : (DateOnly?)null;
        foreach (var period in periods)
        {
            await partitions.CreateAsync(period, day is { } d ? [d] : [], LockTimeoutRetry.Attempts, cancellationToken);
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var move = new NpgsqlCommand(Move(table), connection) { CommandTimeout = 0 };
        move.Parameters.AddArray(NpgsqlDbType.Interval, lengths.ToArray()).AddArray(NpgsqlDbType.Text, periods.ToArray());
        var windows = await move.ExecuteNonQueryAsync(cancellationToken);
        await connection.ExecuteAsync($"DROP TABLE {table}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return windows;
    }

    /// <remarks>Marks that differ are joined: readers take the highest of each source.</remarks>
    private static string Move(string table) =>
        $"""
        INSERT INTO windows (
            sensor_id, period, window_start, window_end, metrics, statistics, marks, token, revision, is_final, is_due, corrected_by,
            updated_at)
        SELECT w.sensor_id, p.period, w.window_start, w.window_end, array_agg(w.metric ORDER BY w.metric),
            array_agg(ARRAY[w.sample_count::double precision, w.mean, w.m2, w.min, w.max] ORDER BY w.metric),
            '\x01'::bytea || string_agg(DISTINCT substr(w.marks, 2), ''::bytea), min(w.token), max(w.revision), bool_and(w.is_final),
            false, (array_agg(w.corrected_by ORDER BY w.corrected_by))[1], max(w.updated_at)
        FROM {table} AS w
        JOIN unnest($1, $2) AS p (length, period) ON p.length = w.window_end - w.window_start
        GROUP BY w.sensor_id, p.period, w.window_start, w.window_end
        """;

    private async Task<List<string>> PartitionsAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Partitions);
        command.Parameters.Add(NpgsqlDbType.Text, RenamedTable);
        var tables = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            tables.Add(reader.GetString(0));
        }

        return tables;
    }

    /// <returns>The table of version 0.1 under its name of then or of now; null if there is none.</returns>
    private async Task<string?> OldTableAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            SELECT relname FROM pg_class
            WHERE relname IN ('{OldTable}', '{RenamedTable}') AND relkind = 'p'
                AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
            """);
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    [LoggerMessage(2015, LogLevel.Information, "Moved {Windows} windows of {Table} to the layout of version 0.2")]
    private static partial void LogMoved(ILogger logger, string table, long windows);
}
