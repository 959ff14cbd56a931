using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The connection that writes, with its prepared statements.</summary>
internal sealed class SqliteWriteSession : IDisposable
{
    private const string InsertNew =
        """
        INSERT INTO sensor_windows (
            sensor_id, metric, window_start, window_end, sample_count, mean, m2, min, max, marks, token, revision, is_final, updated_at,
            corrected_by)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?16)
        ON CONFLICT DO NOTHING
        """;

    private const string UpdateKnown =
        """
        UPDATE sensor_windows
        SET sample_count = ?5, mean = ?6, m2 = ?7, min = ?8, max = ?9, marks = ?10, token = ?11, revision = ?12, is_final = ?13,
            updated_at = ?14, corrected_by = coalesce(?16, corrected_by)
        WHERE window_start = ?3 AND window_end = ?4 AND sensor_id = ?1 AND metric = ?2 AND token = ?15
        """;

    private readonly TimeProvider _clock;
    private readonly Lazy<SqliteStatement> _insert;
    private readonly Lazy<SqliteStatement> _update;

    public SqliteWriteSession(SqliteFile file, TimeProvider clock)
    {
        _clock = clock;
        file.LockForWriting();
        Connection = file.OpenForWriting();

        // The statements are prepared at first use, because the tables do not exist before the first migration.
        _insert = new(() => new(Connection, InsertNew));
        _update = new(() => new(Connection, UpdateKnown));
    }

    public SqliteConnection Connection { get; }

    /// <summary>Writes the rows in one transaction.</summary>
    public WriteOutcome[] Write(IReadOnlyList<WindowWrite> writes)
    {
        var outcomes = new WriteOutcome[writes.Count];
        var now = EpochTime.Now(_clock);

        // Rows are sorted by key, so that neighbouring rows find their page in the cache.
        var order = Enumerable.Range(0, writes.Count).ToArray();
        Array.Sort(order, (a, b) => Compare(writes[a].Row.Key, writes[b].Row.Key));
        using var transaction = Connection.BeginTransaction(deferred: false);
        foreach (var i in order)
        {
            var (row, expected) = (writes[i].Row, writes[i].ExpectedVersion);
            var statement = (expected is null ? _insert : _update).Value;
            Bind(statement, row, now);
            if (expected is { } version)
            {
                statement.Bind(15, version);
            }

            outcomes[i] = statement.Execute() == 1 ? WriteOutcome.Written : WriteOutcome.Refused;
        }

        transaction.Commit();
        return outcomes;
    }

    public bool WriteCheckpoint(Checkpoint checkpoint)
    {
        using var command = Connection.CreateCommand();
        command.CommandText =
            """
            INSERT INTO checkpoints (topic_id, partition, next_offset, stream_time, open_from, updated_at)
            VALUES ($topic, $partition, $next, $time, $open, $now)
            ON CONFLICT (topic_id, partition) DO UPDATE
            SET next_offset = excluded.next_offset, stream_time = excluded.stream_time,
                open_from = excluded.open_from, updated_at = excluded.updated_at
            WHERE checkpoints.next_offset <= excluded.next_offset
            """;
        command.Parameters.AddWithValue("$topic", checkpoint.Source.TopicId.ToString());
        command.Parameters.AddWithValue("$partition", checkpoint.Source.Partition);
        command.Parameters.AddWithValue("$next", checkpoint.NextOffset);
        command.Parameters.AddWithValue("$time", checkpoint.StreamTime);
        command.Parameters.AddWithValue("$open", checkpoint.OpenFrom == long.MaxValue ? DBNull.Value : checkpoint.OpenFrom);
        command.Parameters.AddWithValue("$now", EpochTime.Now(_clock));
        return command.ExecuteNonQuery() == 1;
    }

    public bool SetPeriod(Period period)
    {
        using var command = Connection.CreateCommand();
        command.CommandText =
            """
            INSERT INTO window_period (only_row, period, length) VALUES (1, $period, $length)
            ON CONFLICT (only_row) DO UPDATE SET period = excluded.period, length = excluded.length
            """;
        command.Parameters.AddWithValue("$period", period.ToString());
        command.Parameters.AddWithValue("$length", period.TotalMicros);
        return command.ExecuteNonQuery() == 1;
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _insert, _update })
        {
            if (statement.IsValueCreated)
            {
                statement.Value.Dispose();
            }
        }

        Connection.Dispose();
    }

    private static void Bind(SqliteStatement statement, WindowRow row, long now)
    {
        statement.Bind(1, (long)row.Key.SensorId);
        statement.Bind(2, row.Key.Measurement);
        statement.Bind(3, row.Key.Start);
        statement.Bind(4, row.Key.End);
        statement.Bind(5, row.Statistics.Count);
        statement.Bind(6, row.Statistics.Mean);
        statement.Bind(7, row.Statistics.M2);
        statement.Bind(8, row.Statistics.Min);
        statement.Bind(9, row.Statistics.Max);
        statement.Bind(10, row.Marks.ToBytes());
        statement.Bind(11, row.RowVersion);
        statement.Bind(12, (long)row.Revision);
        statement.Bind(13, row.IsFinal ? 1L : 0L);
        statement.Bind(14, now);
        if (row.CorrectedBy is { } run)
        {
            statement.Bind(16, run.ToString());
        }
        else
        {
            statement.BindNull(16);
        }
    }

    private static int Compare(WindowKey a, WindowKey b)
    {
        var order = a.Start.CompareTo(b.Start);
        order = order != 0 ? order : a.End.CompareTo(b.End);
        order = order != 0 ? order : a.SensorId.CompareTo(b.SensorId);
        return order != 0 ? order : string.CompareOrdinal(a.Measurement, b.Measurement);
    }
}
