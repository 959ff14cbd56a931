using GrainSensors.Storage.Access;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>audit_log</c> in SQLite.</summary>
internal sealed class SqliteAudit(SqliteAccess access) : IAuditStore
{
    public Task AddAsync(AuditEntry entry, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText =
                """
                INSERT INTO audit_log (at, actor, address, action, target, detail)
                VALUES ($at, $actor, $address, $action, $target, $detail)
                """;
            command.Parameters.AddWithValue("$at", entry.At);
            command.Parameters.AddWithValue("$actor", entry.Actor);
            command.Parameters.AddWithValue("$address", entry.Address);
            command.Parameters.AddWithValue("$action", entry.Action);
            command.Parameters.AddWithValue("$target", entry.Target);
            command.Parameters.AddWithValue("$detail", (object?)entry.Detail ?? DBNull.Value);
            return command.ExecuteNonQuery();
        },
        cancellationToken);

    public Task<IReadOnlyList<AuditEntry>> QueryAsync(AuditQuery query, CancellationToken cancellationToken) =>
        access.ReadAsync<IReadOnlyList<AuditEntry>>(
            session =>
            {
                using var command = session.Connection.CreateCommand();
                command.CommandText =
                    """
                    SELECT audit_id, at, actor, address, action, target, detail FROM audit_log
                    WHERE audit_id < $before AND at >= $from AND at < $to
                        AND ($actor IS NULL OR actor = $actor) AND ($action IS NULL OR action = $action)
                    ORDER BY audit_id DESC LIMIT $limit
                    """;
                command.Parameters.AddWithValue("$before", query.Before);
                command.Parameters.AddWithValue("$from", query.From);
                command.Parameters.AddWithValue("$to", query.To);
                command.Parameters.AddWithValue("$actor", (object?)query.Actor ?? DBNull.Value);
                command.Parameters.AddWithValue("$action", (object?)query.Action ?? DBNull.Value);
                command.Parameters.AddWithValue("$limit", query.Limit);
                var entries = new List<AuditEntry>();
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    entries.Add(new(
                        reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                        reader.GetString(5), reader.IsDBNull(6) ? null : reader.GetString(6)));
                }

                return entries;
            },
            cancellationToken);

    public Task<int> RemoveAsync(long cutoff, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText = "DELETE FROM audit_log WHERE at < $cutoff";
            command.Parameters.AddWithValue("$cutoff", cutoff);
            return command.ExecuteNonQuery();
        },
        cancellationToken);
}
