using System.Runtime.CompilerServices;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Reconciliation.Spark;

/// <summary>
/// The staging tables in PostgreSQL through which a run and its Spark job exchange rows. The rows are deleted at the end.
/// </summary>
internal sealed class SparkStaging(NpgsqlDataSource database, Guid runId)
{
    private const int RowsAtOnce = 10_000;

    private static readonly string[] Tables = ["reconciliation_staging", "reconciliation_offsets", "reconciliation_readings"];

    private string Run => runId.ToString();

    /// <summary>Removes the rows of runs that were killed. One that has just ended removes its own.</summary>
    public async Task RemoveLeftAsync(CancellationToken cancellationToken)
    {
        foreach (var table in Tables)
        {
            await using var command = Command(
                $"""
                DELETE FROM {table} WHERE run_id IN (
                    SELECT s.run_id FROM (SELECT DISTINCT run_id FROM {table}) AS s
                    JOIN reconciliation_runs AS r ON r.run_id = s.run_id::uuid AND r.ended_at < now() - interval '10 minutes')
                """);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public async Task WriteDeadLettersAsync(IEnumerable<LogPlace> deadLetters, CancellationToken cancellationToken)
    {
        foreach (var chunk in deadLetters.Chunk(RowsAtOnce))
        {
            await using var command = Command(
                "INSERT INTO reconciliation_offsets (run_id, kind, partition, log_offset) SELECT $1, 'dead', * FROM unnest($2, $3)");
            command.Parameters.Add(new() { Value = Run });
            var partitions = Array.ConvertAll(chunk, place => place.Partition);
            var offsets = Array.ConvertAll(chunk, place => place.Offset);
            command.Parameters.Add(new() { Value = partitions, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
            command.Parameters.Add(new() { Value = offsets, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Adds readings that this process has mapped.</summary>
    public StagedReadings AddReadings(int measurements) => new(database, Run, measurements, RowsAtOnce);

    /// <returns>
    /// The messages that Spark classifies differently than the stream, and whether Spark accepted them, sorted by place.
    /// </returns>
    public async Task<List<(LogPlace Place, bool TakenBySpark)>> ReadDisagreementsAsync(CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            SELECT DISTINCT partition, log_offset, kind = 'accepted' FROM reconciliation_offsets
            WHERE run_id = $1 AND kind <> 'dead' ORDER BY 1, 2
            """);
        command.Parameters.Add(new() { Value = Run });
        var places = new List<(LogPlace, bool)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            places.Add((new(reader.GetInt32(0), reader.GetInt64(1)), reader.GetBoolean(2)));
        }

        return places;
    }

    /// <returns>The number of readings in the windows. Readings without any value are in no window and do not count.</returns>
    public async Task<long> CountReadingsAsync(CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            SELECT coalesce(sum(n), 0)::bigint FROM (
                SELECT max(sample_count) AS n FROM reconciliation_staging WHERE run_id = $1 GROUP BY sensor_id, window_start) AS w
            """);
        command.Parameters.Add(new() { Value = Run });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <returns>The recomputed windows, sorted by sensor, measurement and start.</returns>
    public async IAsyncEnumerable<RecomputedWindow> WindowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = Command(
            $"""
            SELECT sensor_id, metric, window_start, sample_count, min, max, mean, variance, {RecomputedWindow.PercentileColumns}
            FROM reconciliation_staging
            WHERE run_id = $1 ORDER BY sensor_id, metric, window_start
            """);
        command.Parameters.Add(new() { Value = Run });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return RecomputedWindow.Read(reader);
        }
    }

    public async Task ClearAsync()
    {
        await using var batch = database.CreateBatch();
        batch.Timeout = 0;
        foreach (var table in Tables)
        {
            batch.BatchCommands.Add(new($"DELETE FROM {table} WHERE run_id = $1") { Parameters = { new() { Value = Run } } });
        }

        await batch.ExecuteNonQueryAsync();
    }

    /// <summary>A run has no deadline, and a busy database may take long.</summary>
    private NpgsqlCommand Command(string sql)
    {
        var command = database.CreateCommand(sql);
        command.CommandTimeout = 0;
        return command;
    }
}
