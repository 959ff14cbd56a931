using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Windows;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>Writes a batch of rows in one transaction: one statement inserts new rows, one updates existing rows.</summary>
internal sealed class PostgresWindowWrites(
    NpgsqlDataSource dataSource,
    PostgresSessions sessions,
    PostgresLife life,
    PostgresDays days,
    KnownLongerPeriods longer,
    TimeProvider clock)
{
    private const string InsertNew =
        $"""
        INSERT INTO windows (
            sensor_id, period, window_start, window_end, metrics, statistics, marks, token, revision, is_final, is_due, corrected_by,
            updated_at, latest_at, latest_partition, latest_offset, latest_index, steps, has_sketches,
            edges_token, edges, edge_times)
        SELECT k.sensor_id, k.period, k.window_start, k.window_end, k.metrics, k.statistics, k.marks, k.token, k.revision, k.is_final,
            k.is_due, k.corrected_by, $24, k.latest_at, k.latest_partition, k.latest_offset, k.latest_index, k.steps, k.has_sketches,
            k.token, k.edges, k.edge_times
        FROM {PostgresWindowRows.Parameters} AS k
        WHERE (SELECT store_life()) = $25
        ON CONFLICT DO NOTHING
        """;

    // The lower bound does not change the result; it lets the planner exclude the partitions before it. With an upper bound or the
    // period, the planner would take a new day for nearly empty, and compare each of its rows with each row of the batch.
    private const string UpdateKnown =
        $"""
        UPDATE windows AS w
        SET metrics = k.metrics, statistics = k.statistics, marks = k.marks, token = k.token, revision = k.revision,
            is_final = k.is_final, is_due = k.is_due, corrected_by = coalesce(k.corrected_by, w.corrected_by), updated_at = $24,
            latest_at = k.latest_at, latest_partition = k.latest_partition, latest_offset = k.latest_offset,
            latest_index = k.latest_index, steps = k.steps, has_sketches = w.has_sketches OR k.has_sketches,
            edges_token = k.token, edges = k.edges, edge_times = k.edge_times
        FROM {PostgresWindowRows.Parameters} AS k
        WHERE w.sensor_id = k.sensor_id AND w.period = k.period AND w.window_start = k.window_start
            AND w.window_start >= $26
            AND w.token = ($25::bigint[])[k.position]
            AND (SELECT store_life()) = $27
        """;

    // The rows were written before in this transaction. The token excludes those that were refused. A correction may have values in
    // place of as many others, so its row is written even if it has no sketch.
    private const string UpsertSketches =
        """
        INSERT INTO window_sketches (sensor_id, period, window_start, window_end, metrics, sketches)
        SELECT k.sensor_id, k.period, k.window_start, k.window_end, $9[k.first:k.last], $10[k.first:k.last]
        FROM unnest($1, $2, $3, $7, $8, $11, $12) AS k (sensor_id, period, window_start, window_end, token, first, last)
        CROSS JOIN LATERAL (
            SELECT w.token, w.has_sketches
            FROM windows AS w
            WHERE w.sensor_id = k.sensor_id AND w.period = k.period AND w.window_start = k.window_start
                AND w.period = ANY ($4) AND w.window_start >= $5 AND w.window_start <= $6
            OFFSET 0) AS written
        WHERE written.token = k.token AND written.has_sketches
        ON CONFLICT (sensor_id, period, window_start) DO UPDATE SET metrics = excluded.metrics, sketches = excluded.sketches
        """;

    private const string FindWritten =
        """
        SELECT k.position
        FROM unnest($1, $2, $3, $4, $5) AS k (sensor_id, period, window_start, token, position)
        CROSS JOIN LATERAL (
            SELECT w.token
            FROM windows AS w
            WHERE w.sensor_id = k.sensor_id AND w.period = k.period AND w.window_start = k.window_start
                AND w.period = ANY ($6) AND w.window_start >= $7 AND w.window_start <= $8
            OFFSET 0) AS found
        WHERE found.token = k.token
        """;

    /// <param name="writes">The writes; each window at most once.</param>
    public async Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowWrite> writes)
    {
        // Rows are sorted by primary key, so that two processes lock the same rows in the same order.
        var order = Enumerable.Range(0, writes.Count).ToArray();
        Array.Sort(order, (a, b) => Compare(writes[a].Window.Id, writes[b].Window.Id));
        var known = life.Id != Guid.Empty ? life.Id : await life.ReadAsync(dataSource, timeoutSeconds: null, CancellationToken.None);
        order = Array.FindAll(order, i => (writes[i].Life ?? known) == known);
        var inserts = Array.FindAll(order, i => writes[i].ExpectedVersion is null);
        var updates = Array.FindAll(order, i => writes[i].ExpectedVersion is not null);
        var outcomes = new WriteOutcome[writes.Count];

        await days.EnsureAsync(writes);
        await using var connection = await dataSource.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { IndexLookupPlan.Command() } };
        if (inserts.Length > 0)
        {
            batch.BatchCommands.Add(InsertCommand(Array.ConvertAll(inserts, i => writes[i]), known));
        }

        if (updates.Length > 0)
        {
            batch.BatchCommands.Add(UpdateCommand(Array.ConvertAll(updates, i => writes[i]), known));
        }

        var rows = batch.BatchCommands.Count;
        if (SketchCommand([.. order.Select(i => writes[i].Window).Where(ChangesSketches)]) is { } sketches)
        {
            batch.BatchCommands.Add(sketches);
        }

        Complete(batch, writes);
        await sessions.PrepareAsync(batch);
        await batch.ExecuteNonQueryAsync();
        Array.Fill(outcomes, WriteOutcome.Written);

        // Nearly every batch writes all its rows, so the server returns only their number.
        if (batch.BatchCommands.Take<NpgsqlBatchCommand>(1..rows).Sum(command => (long)command.RecordsAffected) < writes.Count)
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
        var keys = writes.Select(write => write.Window.Id).ToArray();
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { IndexLookupPlan.Command() } };
        var command = new NpgsqlBatchCommand(FindWritten);
        command.Parameters.AddKeys(keys)
            .AddArray(NpgsqlDbType.Bigint, [.. writes.Select(write => write.Window.RowVersion)])
            .AddArray(NpgsqlDbType.Integer, [.. Enumerable.Range(0, writes.Count)])
            .AddBounds(keys);
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

    /// <summary>Adds the commands for what follows from final rows. Their order is that of the locks in every transaction.</summary>
    private void Complete(NpgsqlBatch batch, IReadOnlyList<WindowWrite> writes)
    {
        if (PostgresLatestReadings.TryCreateUpsert(writes) is { } latest)
        {
            batch.BatchCommands.Add(latest);
        }

        var final = writes.Where(write => write.Window.IsFinal)
            .Select(write => new ChangedPane(write.Window.Id, write.Window.RowVersion));
        if (PostgresStaleWindows.TryCreateUpsert(final, longer.Current, clock) is { } stale)
        {
            batch.BatchCommands.Add(stale);
        }

        var begun = writes.Where(write => !write.Window.IsFinal && write.ExpectedVersion is null).Select(write => write.Window.Id);
        if (PostgresStaleWindows.TryCreateInsert(begun, longer.Current, clock) is { } insert)
        {
            batch.BatchCommands.Add(insert);
        }
    }

    private NpgsqlBatchCommand InsertCommand(WindowWrite[] writes, Guid known)
    {
        var command = new NpgsqlBatchCommand(InsertNew);
        command.Parameters.AddWindows(writes).AddTime(EpochTime.Now(clock)).Add(NpgsqlDbType.Uuid, known);
        return command;
    }

    private NpgsqlBatchCommand UpdateCommand(WindowWrite[] writes, Guid known)
    {
        var command = new NpgsqlBatchCommand(UpdateKnown);
        command.Parameters.AddWindows(writes)
            .AddTime(EpochTime.Now(clock))
            .AddArray(NpgsqlDbType.Bigint, Array.ConvertAll(writes, write => write.ExpectedVersion!.Value))
            .AddTime(writes.Min(write => write.Window.Id.Start))
            .Add(NpgsqlDbType.Uuid, known);
        return command;
    }

    /// <returns>Null: there are no windows.</returns>
    private static NpgsqlBatchCommand? SketchCommand(StoredWindow[] windows)
    {
        if (windows.Length == 0)
        {
            return null;
        }

        var keys = Array.ConvertAll(windows, window => window.Id);
        var measured = new MeasuredColumns(Array.ConvertAll(windows, window => window.Measurements));
        var command = new NpgsqlBatchCommand(UpsertSketches);
        command.Parameters.AddKeys(keys).AddBounds(keys)
            .AddArray(NpgsqlDbType.TimestampTz, Array.ConvertAll(keys, key => PostgresTime.ToRaw(key.End)))
            .AddArray(NpgsqlDbType.Bigint, Array.ConvertAll(windows, window => window.RowVersion))
            .AddArray(NpgsqlDbType.Text, measured.Names)
            .Add(NpgsqlDbType.Array | NpgsqlDbType.Bytea, measured.Sketches())
            .AddArray(NpgsqlDbType.Integer, measured.First)
            .AddArray(NpgsqlDbType.Integer, measured.Last);
        return command;
    }

    private static bool ChangesSketches(StoredWindow window)
    {
        if (window.CorrectedBy is not null)
        {
            return true;
        }

        var measured = window.Measurements;
        for (var i = 0; i < measured.Count; i++)
        {
            if (measured[i].Sketch is not null)
            {
                return true;
            }
        }

        return false;
    }

    private static int Compare(WindowId a, WindowId b)
    {
        var order = a.SensorId.CompareTo(b.SensorId);
        order = order != 0 ? order : a.Period.CompareTo(b.Period);
        return order != 0 ? order : a.Start.CompareTo(b.Start);
    }
}
