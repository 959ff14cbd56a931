using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The tables <c>monitor_states</c> and <c>monitor_changes</c> in SQLite.</summary>
internal sealed class SqliteMonitorStates(SqliteAccess access, TimeProvider clock) : IMonitorStates
{
    public Task<StoredMonitor> ReadAsync(int shard, CancellationToken cancellationToken) => access.ReadAsync(
        session =>
        {
            using var transaction = session.Connection.BeginTransaction(deferred: true);
            var life = session.ReadLife();
            using var state = session.Connection.CreateCommand();
            state.CommandText = "SELECT version, marks, watches FROM monitor_states WHERE shard = $shard";
            state.Parameters.AddWithValue("$shard", shard);
            using var reader = state.ExecuteReader();
            return reader.Read()
                ? new StoredMonitor(
                    life,
                    reader.GetInt64(0),
                    reader.IsDBNull(1) ? null : reader.GetFieldValue<byte[]>(1),
                    reader.GetFieldValue<byte[]>(2),
                    ReadChanges(session.Connection, shard))
                : new(life, null, null, null, []);
        },
        cancellationToken);

    public Task<bool> WriteAsync(MonitorWrite write, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var transaction = session.Connection.BeginTransaction(deferred: false);
            if (Execute(session.Connection, write, StateOf(write)) == 0)
            {
                return false;
            }

            Execute(session.Connection, write, write.Change == 0
                ? "DELETE FROM monitor_changes WHERE shard = $shard"
                : "INSERT INTO monitor_changes (shard, number, watches) VALUES ($shard, $change, $watches)");
            transaction.Commit();
            return true;
        },
        cancellationToken);

    private static string StateOf(MonitorWrite write) => (write.Replaces, write.Change) switch
    {
        (null, _) =>
            """
            INSERT INTO monitor_states (shard, version, marks, watches, written_at)
            SELECT $shard, $version, $marks, $watches, $now WHERE EXISTS (SELECT 1 FROM store_life WHERE id = $life)
            ON CONFLICT DO NOTHING
            """,
        (_, 0) =>
            """
            UPDATE monitor_states SET version = $version, marks = $marks, watches = $watches, written_at = $now
            WHERE shard = $shard AND version = $replaces AND EXISTS (SELECT 1 FROM store_life WHERE id = $life)
            """,
        _ =>
            """
            UPDATE monitor_states SET version = $version, marks = $marks, written_at = $now
            WHERE shard = $shard AND version = $replaces AND EXISTS (SELECT 1 FROM store_life WHERE id = $life)
            """,
    };

    private static byte[][] ReadChanges(SqliteConnection connection, int shard)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT watches FROM monitor_changes WHERE shard = $shard ORDER BY number";
        command.Parameters.AddWithValue("$shard", shard);
        using var reader = command.ExecuteReader();
        var changes = new List<byte[]>();
        while (reader.Read())
        {
            changes.Add(reader.GetFieldValue<byte[]>(0));
        }

        return [.. changes];
    }

    private int Execute(SqliteConnection connection, MonitorWrite write, string statement)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.Parameters.AddWithValue("$shard", write.Shard);
        command.Parameters.AddWithValue("$version", write.Version);
        command.Parameters.AddWithValue("$marks", write.Marks);
        command.Parameters.AddWithValue("$watches", write.Watches);
        command.Parameters.AddWithValue("$change", write.Change);
        command.Parameters.AddWithValue("$replaces", (object?)write.Replaces ?? DBNull.Value);
        command.Parameters.AddWithValue("$life", write.Life.ToString("N"));
        command.Parameters.AddWithValue("$now", EpochTime.Now(clock));
        return command.ExecuteNonQuery();
    }
}
