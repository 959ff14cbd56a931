using GrainSensors.Core.Time;
using GrainSensors.Storage.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>Removes windows that are past retention: whole days by dropping the partition, other windows row by row.</summary>
internal sealed class PostgresRetention(
    NpgsqlDataSource dataSource, PostgresPartitions partitions, IReadOnlyList<PostgresPeriodPartitions> others, PostgresPeriods periods,
    RetentionPolicy policy)
{
    /// <summary>Rows of one transaction, which keeps each transaction short.</summary>
    private const int ChunkRows = 10_000;

    /// <summary>Locks rows in the order of windows that close, and leaves those that are being written.</summary>
    private const string DeleteLatest =
        """
        DELETE FROM sensor_latest WHERE sensor_id = ANY (ARRAY(
            SELECT sensor_id FROM sensor_latest WHERE latest_at < $1 ORDER BY sensor_id LIMIT $2 FOR UPDATE SKIP LOCKED))
        """;

    public async Task<MaintenanceReport> RemoveAsync(CancellationToken cancellationToken)
    {
        var (dropped, deleted, checkpoints, cutoffs) = (new List<string>(), 0L, 0L, new Dictionary<string, long>());
        foreach (var partition in await partitions.ListAsync(cancellationToken))
        {
            if (policy.CutoffOf(partition.Period) is not { } latest)
            {
                continue;
            }

            if (!cutoffs.TryGetValue(partition.Period, out var cutoff))
            {
                cutoffs[partition.Period] = cutoff = await periods.BeginRemovalAsync(partition.Period, latest, cancellationToken);
            }

            deleted += await RemoveAsync(partition, cutoff, dropped, cancellationToken);
        }

        foreach (var other in others)
        {
            var (names, rows) = await other.DropAsync(policy, periods.BeginRemovalAsync, cancellationToken);
            dropped.AddRange(names);
            foreach (var (table, ended) in rows)
            {
                deleted += await DeleteRowsAsync(table, ended, cancellationToken);
            }
        }

        if (policy.Cutoff is { } oldest)
        {
            while (await ExecuteAsync(DeleteLatest, oldest, cancellationToken, ChunkRows) == ChunkRows)
            {
            }

            checkpoints = await ExecuteAsync("DELETE FROM checkpoints WHERE updated_at < $1", oldest, cancellationToken);
        }

        return new([], dropped, deleted, checkpoints);
    }

    /// <param name="dropped">Gets the name of the partition if it is dropped.</param>
    /// <returns>The rows that were deleted otherwise.</returns>
    private async Task<long> RemoveAsync(
        WindowPartition partition, long cutoff, List<string> dropped, CancellationToken cancellationToken)
    {
        if (partition.Day is { } day)
        {
            if (EpochTime.From(new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)) > cutoff)
            {
                return 0;
            }

            await SummarizeAsync(partition, cancellationToken);
            if (await DropAsync(partition, cutoff, cancellationToken))
            {
                dropped.Add(partition.Name);
                return 0;
            }
        }

        // The default partition, or a day with long windows that end after the cutoff and stay.
        return await DeleteRowsAsync(partition.Name, cutoff, cancellationToken);
    }

    /// <returns>False if the partition holds a window that ends after the cutoff.</returns>
    private async Task<bool> DropAsync(WindowPartition partition, long cutoff, CancellationToken cancellationToken)
    {
        if (await HasNewerAsync(partition.Name, cutoff, cancellationToken))
        {
            return false;
        }

        return await LockTimeoutRetry.RunAsync(
            dataSource,
            async connection =>
            {
                // Repeats the check under the lock, when no one can write.
                await using var command = new NpgsqlCommand("SELECT drop_window_partition($1, $2, $3)", connection) { CommandTimeout = 0 };
                command.Parameters.Add(NpgsqlDbType.Text, partition.Period).Add(NpgsqlDbType.Date, partition.Day!.Value).AddTime(cutoff);
                return await command.ExecuteScalarAsync(cancellationToken) is true;
            },
            LockTimeoutRetry.Attempts,
            cancellationToken);
    }

    private async Task<bool> HasNewerAsync(string name, long cutoff, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"SELECT EXISTS (SELECT FROM {name} WHERE window_end > $1)");
        command.Parameters.AddTime(cutoff);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>
    /// Summarizes new pages in the BRIN index; the check under the lock would read each page that is not summarized.
    /// </summary>
    private async Task SummarizeAsync(WindowPartition partition, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT summarize_window_partition($1, $2)");
        command.Parameters.Add(NpgsqlDbType.Text, partition.Period).Add(NpgsqlDbType.Date, partition.Day!.Value);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<long> DeleteRowsAsync(string table, long cutoff, CancellationToken cancellationToken)
    {
        var deleted = 0L;
        while (true)
        {
            await using var command = dataSource.CreateCommand(
                $"DELETE FROM {table} WHERE ctid = ANY (ARRAY (SELECT ctid FROM {table} WHERE window_end <= $1 LIMIT {ChunkRows}))");
            command.Parameters.AddTime(cutoff);
            command.CommandTimeout = 0;
            var rows = await command.ExecuteNonQueryAsync(cancellationToken);
            deleted += rows;
            if (rows < ChunkRows)
            {
                return deleted;
            }
        }
    }

    private async Task<long> ExecuteAsync(string sql, long cutoff, CancellationToken cancellationToken, int? limit = null)
    {
        await using var command = dataSource.CreateCommand(sql);
        command.Parameters.AddTime(cutoff);
        if (limit is { } rows)
        {
            command.Parameters.Add(NpgsqlDbType.Integer, rows);
        }

        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
