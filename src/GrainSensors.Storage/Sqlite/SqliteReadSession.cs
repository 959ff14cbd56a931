using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The connection that reads. Each statement sees the last commit before its start.</summary>
internal sealed class SqliteReadSession : IDisposable
{
    // A source whose windows are all closed has null here and needs no search. Without any checkpoint all rows are searched.
    public const string OpenFrom =
        """
        (SELECT CASE WHEN count(*) = 0 THEN -9223372036854775808 ELSE coalesce(min(open_from), 9223372036854775807) END FROM checkpoints)
        """;

    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _byWindow;

    public SqliteReadSession(SqliteFile file)
    {
        _connection = file.OpenForReading();
        try
        {
            _byWindow = new(
                _connection,
                $"SELECT {SqliteRows.WindowColumns} FROM windows WHERE window_start = ?1 AND period = ?2 AND sensor_id = ?3");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public SqliteConnection Connection => _connection;

    public IReadOnlyList<StoredWindow> Read(IReadOnlyList<WindowId> windows)
    {
        var found = new List<StoredWindow>(windows.Count);
        foreach (var window in windows)
        {
            _byWindow.Bind(1, window.Start);
            _byWindow.Bind(2, StoredPeriod.Text(window.Period));
            _byWindow.Bind(3, (long)window.SensorId);
            if (SqliteRows.ReadWindow(_byWindow) is { } stored)
            {
                found.Add(stored);
            }
        }

        return found;
    }

    public IReadOnlyList<OpenWindow> ReadOpen()
    {
        using var command = _connection.CreateCommand();
        command.CommandText =
            $"SELECT sensor_id, period, window_start, marks FROM windows WHERE (NOT is_final OR is_due) AND window_start >= {OpenFrom}";
        var marks = new Dictionary<WindowId, Marks>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var window = new WindowId(reader.GetInt32(0), StoredPeriod.Parse(reader.GetString(1)), reader.GetInt64(2));
            var stored = StoredMarks.Read(reader.GetFieldValue<byte[]>(3), window.SensorId, window.Start);
            marks[window] = marks.GetValueOrDefault(window).Max(stored);
        }

        return [.. marks.Select(window => new OpenWindow(window.Key, window.Value))];
    }

    /// <inheritdoc cref="IWindowStore.ReadLifeAsync"/>
    public Guid ReadLife()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT id FROM store_life";
        return Guid.ParseExact((string)command.ExecuteScalar()!, "N");
    }

    public Checkpoint? ReadCheckpoint(SourceId source)
    {
        using var command = _connection.CreateCommand();
        command.CommandText =
            """
            SELECT next_offset, stream_time, open_from, epochs, token, coalesce(judged_from, updated_at - 300000000) FROM checkpoints
            WHERE topic_id = $topic AND partition = $partition
            """;
        command.Parameters.AddWithValue("$topic", source.TopicId.ToString());
        command.Parameters.AddWithValue("$partition", source.Partition);
        using var reader = command.ExecuteReader();
        if (!reader.Read())
        {
            return null;
        }

        return new(source, reader.GetInt64(0), reader.GetInt64(1), reader.IsDBNull(2) ? long.MaxValue : reader.GetInt64(2))
        {
            Epochs = reader.IsDBNull(3) ? null : LeaderEpochs.Parse(reader.GetString(3)),
            Token = reader.GetInt64(4),
            JudgedFrom = reader.GetInt64(5),
            Life = ReadLife(),
        };
    }

    public void Dispose()
    {
        _byWindow.Dispose();
        _connection.Dispose();
    }
}
