using GrainSensors.Storage.Access;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>access_keys</c> in SQLite.</summary>
internal sealed class SqliteAccessKeys(SqliteAccess access) : IKeyStore
{
    public Task<bool> AddAsync(StoredKey key, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText =
                """
                INSERT INTO access_keys (name, key_hash, role, created_at, created_by, expires_at)
                SELECT $name, $hash, $role, $created, $by, $expires WHERE NOT EXISTS (SELECT 1 FROM device_keys WHERE name = $name)
                ON CONFLICT DO NOTHING
                """;
            command.Parameters.AddWithValue("$name", key.Name);
            command.Parameters.AddWithValue("$hash", key.Hash);
            command.Parameters.AddWithValue("$role", AccessStores.RoleOf(key.IsAdmin));
            command.Parameters.AddWithValue("$created", key.CreatedAt);
            command.Parameters.AddWithValue("$by", key.CreatedBy);
            command.Parameters.AddWithValue("$expires", (object?)key.ExpiresAt ?? DBNull.Value);
            return command.ExecuteNonQuery() == 1;
        },
        cancellationToken);

    public Task<IReadOnlyList<StoredKey>> ReadAsync(CancellationToken cancellationToken) => access.ReadAsync<IReadOnlyList<StoredKey>>(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText = "SELECT name, key_hash, role, created_at, created_by, expires_at FROM access_keys ORDER BY name";
            var keys = new List<StoredKey>();
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                keys.Add(new(
                    reader.GetString(0), reader.GetString(1), reader.GetString(2) == AccessStores.Admin, reader.GetInt64(3),
                    reader.GetString(4), reader.IsDBNull(5) ? null : reader.GetInt64(5)));
            }

            return keys;
        },
        cancellationToken);

    public Task<bool> RemoveAsync(string name, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var transaction = session.Connection.BeginTransaction(deferred: false);
            using var end = session.Connection.CreateCommand();
            end.CommandText = "DELETE FROM sessions WHERE key_hash = (SELECT key_hash FROM access_keys WHERE name = $name)";
            end.Parameters.AddWithValue("$name", name);
            end.ExecuteNonQuery();
            using var remove = session.Connection.CreateCommand();
            remove.CommandText = "DELETE FROM access_keys WHERE name = $name";
            remove.Parameters.AddWithValue("$name", name);
            var isRemoved = remove.ExecuteNonQuery() == 1;
            transaction.Commit();
            return isRemoved;
        },
        cancellationToken);
}
