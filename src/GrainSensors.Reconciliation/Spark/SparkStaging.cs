using System.Runtime.CompilerServices;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Reconciliation.Spark;

/// <summary>What a run and its Spark job hand each other in PostgreSQL; it is removed at the end.</summary>
internal sealed class SparkStaging(NpgsqlDataSource database, Guid runId)
{
    private const int LettersAtOnce = 10_000;

    private string Run => runId.ToString();

    public async Task WriteDeadLettersAsync(IEnumerable<LogPlace> letters, CancellationToken cancellationToken)
    {
        foreach (var chunk in letters.Chunk(LettersAtOnce))
        {
            await using var command = database.CreateCommand(
                "INSERT INTO reconciliation_offsets (run_id, kind, partition, log_offset) SELECT $1, 'dead', * FROM unnest($2, $3)");
            command.Parameters.Add(new() { Value = Run });
            command.Parameters.Add(new() { Value = Array.ConvertAll(chunk, place => place.Partition), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
            command.Parameters.Add(new() { Value = Array.ConvertAll(chunk, place => place.Offset), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <returns>What Spark has judged otherwise than the stream, and whether Spark took it for a reading.</returns>
    public async Task<List<(LogPlace Place, bool TakenBySpark)>> ReadDisagreementsAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "SELECT partition, log_offset, kind = 'accepted' FROM reconciliation_offsets WHERE run_id = $1 AND kind <> 'dead' ORDER BY 1, 2 LIMIT $2");
        command.Parameters.Add(new() { Value = Run });
        command.Parameters.Add(new() { Value = limit });
        var places = new List<(LogPlace, bool)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            places.Add((new(reader.GetInt32(0), reader.GetInt64(1)), reader.GetBoolean(2)));
        }

        return places;
    }

    /// <returns>How many readings the windows hold, as far as they have a value.</returns>
    public async Task<long> CountReadingsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "SELECT coalesce(sum(n), 0)::bigint FROM (SELECT max(sample_count) AS n FROM reconciliation_staging WHERE run_id = $1 GROUP BY sensor_id, window_start) AS w");
        command.Parameters.Add(new() { Value = Run });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <returns>Sorted by sensor, metric and start.</returns>
    public async IAsyncEnumerable<RecomputedWindow> WindowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            SELECT sensor_id, metric, window_start, sample_count, min, max, mean, variance FROM reconciliation_staging
            WHERE run_id = $1 ORDER BY sensor_id, metric, window_start
            """);
        command.CommandTimeout = 0;
        command.Parameters.Add(new() { Value = Run });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return new(
                reader.GetInt32(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3),
                reader.GetDouble(4), reader.GetDouble(5), reader.GetDouble(6), reader.GetDouble(7));
        }
    }

    public async Task ClearAsync()
    {
        await using var batch = database.CreateBatch();
        foreach (var table in new[] { "reconciliation_staging", "reconciliation_offsets" })
        {
            batch.BatchCommands.Add(new($"DELETE FROM {table} WHERE run_id = $1") { Parameters = { new() { Value = Run } } });
        }

        await batch.ExecuteNonQueryAsync();
    }
}
