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
            await SummarizeAsync(name, cancellationToken);
            if (await DropAsync(name, cutoff, cancellationToken))
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
    private async Task<bool> DropAsync(string name, long cutoff, CancellationToken cancellationToken)
    {
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            if (await HasNewerAsync(connection, name, cutoff, cancellationToken))
            {
                return false;
            }
        }

        return await LockTimeoutRetry.RunAsync(
            dataSource,
            async connection =>
            {
                await connection.ExecuteAsync("LOCK TABLE ONLY sensor_windows IN ACCESS EXCLUSIVE MODE", cancellationToken);

                // The check is repeated under the lock, when no one can write. The index answers it within milliseconds.
                await connection.ExecuteAsync("SET LOCAL enable_seqscan = off", cancellationToken);
                if (await HasNewerAsync(connection, name, cutoff, cancellationToken))
                {
                    return false;
                }

                await connection.ExecuteAsync($"DROP TABLE {name}", cancellationToken);
                return true;
            },
            LockTimeoutRetry.Attempts,
            cancellationToken);
    }

    private static async Task<bool> HasNewerAsync(
        NpgsqlConnection connection, string name, long cutoff, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT EXISTS (SELECT FROM {name} WHERE window_end > $1)", connection);
        command.Parameters.AddTime(cutoff);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>
    /// Summarizes new pages in the BRIN index; the check under the lock would read each page that is not summarized.
    /// </summary>
    private async Task SummarizeAsync(string name, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            SELECT brin_summarize_new_values(i.indexrelid)
            FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
            WHERE i.indrelid = $1::regclass AND a.amname = 'brin'
            """);
        command.Parameters.Add(NpgsqlDbType.Text, name);
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
