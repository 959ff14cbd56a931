using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The connection that writes, with its prepared statements.</summary>
internal sealed class SqliteWriteSession : IDisposable
{
    private const string FindVersion = "SELECT token FROM windows WHERE window_start = ?1 AND period = ?2 AND sensor_id = ?3 LIMIT 1";

    private const string Upsert =
        """
        INSERT INTO windows (
            sensor_id, metric, window_start, window_end, sample_count, mean, m2, min, max, marks, token, revision, is_final, updated_at,
            corrected_by, period, is_due, last_value, latest_at, latest_partition, latest_offset, latest_index, steps, sketch,
            edges_token, edge_first_at, edge_first, edge_last_at, edge_last)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,
            ?11, ?25, ?26, ?27, ?28)
        ON CONFLICT DO UPDATE SET sample_count = excluded.sample_count, mean = excluded.mean, m2 = excluded.m2, min = excluded.min,
            max = excluded.max, marks = excluded.marks, token = excluded.token, revision = excluded.revision,
            is_final = excluded.is_final, updated_at = excluded.updated_at, corrected_by = coalesce(excluded.corrected_by, corrected_by),
            is_due = excluded.is_due, last_value = excluded.last_value, latest_at = excluded.latest_at,
            latest_partition = excluded.latest_partition, latest_offset = excluded.latest_offset, latest_index = excluded.latest_index,
            steps = excluded.steps, sketch = coalesce(excluded.sketch, CASE WHEN excluded.corrected_by IS NULL THEN sketch END),
            edges_token = excluded.edges_token, edge_first_at = excluded.edge_first_at, edge_first = excluded.edge_first,
            edge_last_at = excluded.edge_last_at, edge_last = excluded.edge_last
        """;

    private const string DeleteOthers = "DELETE FROM windows WHERE window_start = ?1 AND period = ?2 AND sensor_id = ?3 AND token <> ?4";

    private readonly TimeProvider _clock;
    private readonly Lazy<SqliteStatement> _findLife;
    private readonly Lazy<SqliteStatement> _findVersion;
    private readonly Lazy<SqliteStatement> _upsert;
    private readonly Lazy<SqliteStatement> _deleteOthers;
    private readonly Lazy<SqliteStatement> _upsertLatest;

    public SqliteWriteSession(SqliteFile file, TimeProvider clock, KnownLongerPeriods longer)
    {
        _clock = clock;
        file.LockForWriting();
        Connection = file.OpenForWriting();
        StaleWindows = new(Connection, longer, clock);

        // The statements are prepared at first use, because the tables do not exist before the first migration.
        _findLife = new(() => new(Connection, "SELECT id FROM store_life"));
        _findVersion = new(() => new(Connection, FindVersion));
        _upsert = new(() => new(Connection, Upsert));
        _deleteOthers = new(() => new(Connection, DeleteOthers));
        _upsertLatest = new(() => new(Connection, SqliteLatestReadings.Upsert));
    }

    public SqliteConnection Connection { get; }

    public SqliteStaleWindows StaleWindows { get; }

    /// <summary>Writes the windows in one transaction.</summary>
    public WriteOutcome[] Write(IReadOnlyList<WindowWrite> writes)
    {
        var outcomes = new WriteOutcome[writes.Count];
        var now = EpochTime.Now(_clock);

        // Windows are sorted by key, so that neighbouring rows find their page in the cache.
        var order = Enumerable.Range(0, writes.Count).ToArray();
        Array.Sort(order, (a, b) => Compare(writes[a].Window.Id, writes[b].Window.Id));
        using var transaction = Connection.BeginTransaction(deferred: false);
        var life = ReadLife();
        foreach (var i in order)
        {
            var (window, expected) = (writes[i].Window, writes[i].ExpectedVersion);
            outcomes[i] = WriteOutcome.Refused;
            if ((writes[i].Life ?? life) == life && VersionOf(window.Id) == expected)
            {
                Write(window, now);
                Complete(window, isNew: expected is null);
                outcomes[i] = WriteOutcome.Written;
            }
        }

        transaction.Commit();
        return outcomes;
    }

    public bool WriteCheckpoint(Checkpoint checkpoint)
    {
        using var command = Connection.CreateCommand();
        command.CommandText = checkpoint.Replaces.Count == 0
            ? """
            INSERT INTO checkpoints (topic_id, partition, next_offset, stream_time, open_from, updated_at, epochs, token, judged_from)
            SELECT $topic, $partition, $next, $time, $open, $now, $epochs, $token, $judged FROM store_life WHERE id = $life
            ON CONFLICT DO NOTHING
            """
            : $"""
            UPDATE checkpoints
            SET next_offset = $next, stream_time = $time, open_from = $open, updated_at = $now, epochs = $epochs, token = $token,
                judged_from = $judged
            WHERE topic_id = $topic AND partition = $partition AND token IN ({string.Join(", ", checkpoint.Replaces)})
                AND EXISTS (SELECT 1 FROM store_life WHERE id = $life)
            """;
        command.Parameters.AddWithValue("$topic", checkpoint.Source.TopicId.ToString());
        command.Parameters.AddWithValue("$partition", checkpoint.Source.Partition);
        command.Parameters.AddWithValue("$next", checkpoint.NextOffset);
        command.Parameters.AddWithValue("$time", checkpoint.StreamTime);
        command.Parameters.AddWithValue("$open", checkpoint.OpenFrom == long.MaxValue ? DBNull.Value : checkpoint.OpenFrom);
        command.Parameters.AddWithValue("$now", EpochTime.Now(_clock));
        command.Parameters.AddWithValue("$epochs", (object?)checkpoint.Epochs?.ToString() ?? DBNull.Value);
        command.Parameters.AddWithValue("$token", checkpoint.Token);
        command.Parameters.AddWithValue("$life", checkpoint.Life.ToString("N"));
        command.Parameters.AddWithValue("$judged", checkpoint.JudgedFrom);
        if (checkpoint.RemovesRefusalsBelow is not { } below)
        {
            return command.ExecuteNonQuery() == 1;
        }

        using var transaction = Connection.BeginTransaction(deferred: false);
        command.Transaction = transaction;
        var isWritten = command.ExecuteNonQuery() == 1;
        if (isWritten)
        {
            SqliteRefusals.Remove(Connection, checkpoint.Source, below);
        }

        transaction.Commit();
        return isWritten;
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _findLife, _findVersion, _upsert, _deleteOthers, _upsertLatest })
        {
            if (statement.IsValueCreated)
            {
                statement.Value.Dispose();
            }
        }

        StaleWindows.Dispose();
        Connection.Dispose();
    }

    private Guid ReadLife()
    {
        var life = Guid.Empty;
        while (_findLife.Value.Next())
        {
            life = Guid.ParseExact(_findLife.Value.Text(0), "N");
        }

        return life;
    }

    private long? VersionOf(WindowId window)
    {
        var statement = _findVersion.Value;
        BindKey(statement, window);
        long? version = null;
        while (statement.Next())
        {
            version = statement.Integer(0);
        }

        return version;
    }

    private void Write(StoredWindow window, long now)
    {
        var marks = window.Marks.ToBytes();
        foreach (var (measurement, statistics, last, steps, sketch, edges) in window.Measurements)
        {
            var statement = _upsert.Value;
            statement.Bind(1, (long)window.Id.SensorId);
            statement.Bind(2, measurement);
            statement.Bind(3, window.Id.Start);
            statement.Bind(4, window.Id.End);
            statement.Bind(5, statistics.Count);
            statement.Bind(6, statistics.Mean);
            statement.Bind(7, statistics.M2);
            statement.Bind(8, statistics.Min);
            statement.Bind(9, statistics.Max);
            statement.Bind(10, marks);
            statement.Bind(11, window.RowVersion);
            statement.Bind(12, (long)window.Revision);
            statement.Bind(13, window.IsFinal ? 1L : 0L);
            statement.Bind(14, now);
            statement.Bind(15, window.CorrectedBy?.ToString());
            statement.Bind(16, StoredPeriod.Text(window.Id.Period));
            statement.Bind(17, window.IsDue ? 1L : 0L);
            statement.Bind(18, last);
            SqliteLatestReadings.Bind(statement, 19, window.Latest);
            statement.Bind(23, steps?.ToBytes());
            statement.Bind(24, sketch?.ToBytes());
            SqliteRows.BindEdges(statement, 25, edges);
            statement.Execute();
        }
    }

    /// <summary>Writes what follows from the rows of a window.</summary>
    private void Complete(StoredWindow window, bool isNew)
    {
        if (window.IsFinal)
        {
            StaleWindows.Change(window.Id);
        }
        else if (isNew)
        {
            StaleWindows.Begin(window.Id);
        }

        if (window is { IsFinal: true, Latest: not null })
        {
            SqliteLatestReadings.Write(_upsertLatest.Value, window);
        }

        if (window.CorrectedBy is not null)
        {
            // A correction may remove a measurement.
            BindKey(_deleteOthers.Value, window.Id);
            _deleteOthers.Value.Bind(4, window.RowVersion);
            _deleteOthers.Value.Execute();
        }
    }

    private static void BindKey(SqliteStatement statement, WindowId window)
    {
        statement.Bind(1, window.Start);
        statement.Bind(2, StoredPeriod.Text(window.Period));
        statement.Bind(3, (long)window.SensorId);
    }

    private static int Compare(WindowId a, WindowId b)
    {
        var order = a.Start.CompareTo(b.Start);
        order = order != 0 ? order : a.Period.CompareTo(b.Period);
        return order != 0 ? order : a.SensorId.CompareTo(b.SensorId);
    }
}
