using GrainSensors.Core.Time;
using GrainSensors.Storage.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>Removes windows that ended before a cutoff: whole days by dropping the partition, other windows row by row.</summary>
internal sealed class PostgresRetention(NpgsqlDataSource dataSource, PostgresPartitions partitions)
{
    /// <summary>Rows of one transaction, which keeps each transaction short.</summary>
    private const int ChunkRows = 10_000;

    /// <param name="cutoff">µs since the epoch.</param>
    public async Task<MaintenanceReport> RemoveAsync(long cutoff, CancellationToken cancellationToken)
    {
        var dropped = new List<string>();
        var deleted = await DeleteRowsAsync("sensor_windows_default", cutoff, cancellationToken);
        foreach (var day in await partitions.ListAsync(cancellationToken))
        {
            if (EpochTime.From(new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)) > cutoff)
            {
                break;
            }

            var name = PostgresPartitions.NameOf(day);
            await SummarizeAsync(day, cancellationToken);
            if (await DropAsync(day, cutoff, cancellationToken))
            {
                dropped.Add(name);
            }
            else
            {
                // Long windows of this day end after the cutoff and stay; the other rows are deleted.
                deleted += await DeleteRowsAsync(name, cutoff, cancellationToken);
            }
        }

        return new([], dropped, deleted, await DeleteCheckpointsAsync(cutoff, cancellationToken));
    }

    /// <returns>False if the partition holds a window that ends after the cutoff.</returns>
    private async Task<bool> DropAsync(DateOnly day, long cutoff, CancellationToken cancellationToken)
    {
        if (await HasNewerAsync(PostgresPartitions.NameOf(day), cutoff, cancellationToken))
        {
            return false;
        }

        return await LockTimeoutRetry.RunAsync(
            dataSource,
            async connection =>
            {
                // Repeats the check under the lock, when no one can write.
                await using var command = new NpgsqlCommand("SELECT drop_window_partition($1, $2)", connection) { CommandTimeout = 0 };
                command.Parameters.Add(NpgsqlDbType.Date, day).AddTime(cutoff);
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
    private async Task SummarizeAsync(DateOnly day, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT summarize_window_partition($1)");
        command.Parameters.Add(NpgsqlDbType.Date, day);
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

    private async Task<long> DeleteCheckpointsAsync(long cutoff, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("DELETE FROM checkpoints WHERE updated_at < $1");
        command.Parameters.AddTime(cutoff);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
