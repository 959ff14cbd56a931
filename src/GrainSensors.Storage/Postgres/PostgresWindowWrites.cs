using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>Writes a batch of rows in one transaction: one statement inserts new rows, one updates existing rows.</summary>
internal sealed class PostgresWindowWrites(
    NpgsqlDataSource dataSource, PostgresSessions sessions, PostgresDays days, TimeProvider clock)
{
    private const string InsertNew =
        """
        INSERT INTO sensor_windows (
            sensor_id, metric, window_start, window_end, sample_count, mean, m2, min, max, marks, token, revision, is_final,
            corrected_by, updated_at)
        SELECT k.*, $15
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) AS k
        ON CONFLICT DO NOTHING
        """;

    // The bounds do not change the result; they let the planner exclude the days that the batch does not touch.
    private const string UpdateKnown =
        """
        UPDATE sensor_windows AS w
        SET sample_count = k.sample_count, mean = k.mean, m2 = k.m2, min = k.min, max = k.max,
            marks = k.marks, token = k.token, revision = k.revision, is_final = k.is_final,
            corrected_by = coalesce(k.corrected_by, w.corrected_by), updated_at = $15
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $16) AS k (
            sensor_id, metric, window_start, window_end, sample_count, mean, m2, min, max, marks, token, revision, is_final,
            corrected_by, expected)
        WHERE w.sensor_id = k.sensor_id AND w.metric = k.metric
            AND w.window_start = k.window_start AND w.window_end = k.window_end
            AND w.window_start >= $17 AND w.window_start <= $18
            AND w.token = k.expected
        """;

    private const string FindWritten =
        """
        SELECT k.position
        FROM unnest($1, $2, $3, $4, $5, $6) AS k (sensor_id, metric, window_start, window_end, token, position)
        JOIN sensor_windows AS w ON w.sensor_id = k.sensor_id AND w.metric = k.metric
            AND w.window_start = k.window_start AND w.window_end = k.window_end
        WHERE w.window_start >= $7 AND w.window_start <= $8 AND w.token = k.token
        """;

    /// <param name="writes">The writes; each key at most once.</param>
    public async Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowWrite> writes)
    {
        // Rows are sorted by primary key, so that two processes lock the same rows in the same order.
        var order = Enumerable.Range(0, writes.Count).ToArray();
        Array.Sort(order, (a, b) => Compare(writes[a].Row.Key, writes[b].Row.Key));
        var inserts = Array.FindAll(order, i => writes[i].ExpectedVersion is null);
        var updates = Array.FindAll(order, i => writes[i].ExpectedVersion is not null);
        var outcomes = new WriteOutcome[writes.Count];

        await days.EnsureAsync(writes);
        await using var connection = await dataSource.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { IndexLookupPlan.Command() } };
        if (inserts.Length > 0)
        {
            batch.BatchCommands.Add(InsertCommand(Array.ConvertAll(inserts, i => writes[i])));
        }

        if (updates.Length > 0)
        {
            batch.BatchCommands.Add(UpdateCommand(Array.ConvertAll(updates, i => writes[i])));
        }

        await sessions.PrepareAsync(batch);
        await batch.ExecuteNonQueryAsync();
        Array.Fill(outcomes, WriteOutcome.Written);

        // Nearly every batch writes all its rows, so the server returns only their number.
        var affected = 0;
        for (var i = 1; i < batch.BatchCommands.Count; i++)
        {
            affected += batch.BatchCommands[i].RecordsAffected;
        }

        if (affected < writes.Count)
        {
            Array.Fill(outcomes, WriteOutcome.Refused);
            foreach (var position in await FindWrittenAsync(connection, writes))
            {
                outcomes[position] = WriteOutcome.Written;
            }
        }

        return outcomes;
    }

    /// <summary>
    /// Finds the written rows by their new row versions, after the commit. A row that another process has replaced since
    /// counts as refused; its activation then starts again.
    /// </summary>
    private static async Task<List<int>> FindWrittenAsync(NpgsqlConnection connection, IReadOnlyList<WindowWrite> writes)
    {
        var keys = writes.Select(write => write.Row.Key).ToArray();
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { IndexLookupPlan.Command() } };
        var command = new NpgsqlBatchCommand(FindWritten);
        command.Parameters
            .AddArray(NpgsqlDbType.Integer, Array.ConvertAll(keys, key => key.SensorId))
            .AddArray(NpgsqlDbType.Text, Array.ConvertAll(keys, key => key.Measurement))
            .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(keys, key => PostgresTime.ToRaw(key.Start)))
            .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(keys, key => PostgresTime.ToRaw(key.End)))
            .AddArray(NpgsqlDbType.Bigint, [.. writes.Select(write => write.Row.RowVersion)])
            .AddArray(NpgsqlDbType.Integer, [.. Enumerable.Range(0, writes.Count)])
            .AddTime(keys.Min(key => key.Start))
            .AddTime(keys.Max(key => key.Start));
        batch.BatchCommands.Add(command);
        var positions = new List<int>(writes.Count);
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        while (await reader.ReadAsync())
        {
            positions.Add(reader.GetInt32(0));
        }

        return positions;
    }

    private NpgsqlBatchCommand InsertCommand(WindowWrite[] writes)
    {
        var command = new NpgsqlBatchCommand(InsertNew);
        command.Parameters.AddRows(writes).AddTime(EpochTime.Now(clock));
        return command;
    }

    private NpgsqlBatchCommand UpdateCommand(WindowWrite[] writes)
    {
        var command = new NpgsqlBatchCommand(UpdateKnown);
        command.Parameters.AddRows(writes)
            .AddTime(EpochTime.Now(clock))
            .AddArray(NpgsqlDbType.Bigint, Array.ConvertAll(writes, write => write.ExpectedVersion!.Value))
            .AddTime(writes.Min(write => write.Row.Key.Start))
            .AddTime(writes.Max(write => write.Row.Key.Start));
        return command;
    }

    private static int Compare(WindowKey a, WindowKey b)
    {
        var order = a.SensorId.CompareTo(b.SensorId);
        order = order != 0 ? order : string.CompareOrdinal(a.Measurement, b.Measurement);
        order = order != 0 ? order : a.Start.CompareTo(b.Start);
        return order != 0 ? order : a.End.CompareTo(b.End);
    }
}
