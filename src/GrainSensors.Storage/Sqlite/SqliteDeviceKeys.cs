using GrainSensors.Storage.Access;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>device_keys</c> in SQLite.</summary>
internal sealed class SqliteDeviceKeys(SqliteAccess access) : IDeviceKeyStore
{
    private const string Format = "N";

    public Task<bool> AddAsync(StoredDeviceKey key, CancellationToken cancellationToken) => ChangeAsync(
        """
        INSERT INTO device_keys (name, key_hash, scope, value, created_at, created_by, expires_at)
        SELECT $name, $hash, $scope, $value, $created, $by, $expires WHERE NOT EXISTS (SELECT 1 FROM access_keys WHERE name = $name)
        ON CONFLICT DO NOTHING
        """,
        parameters =>
        {
            parameters.AddWithValue("$name", key.Name);
            parameters.AddWithValue("$hash", key.Hash);
            parameters.AddWithValue("$scope", KeyScope.WordOf(key.Scope.Kind));
            parameters.AddWithValue("$value", key.Scope.Value);
            parameters.AddWithValue("$created", key.CreatedAt);
            parameters.AddWithValue("$by", key.CreatedBy);
            parameters.AddWithValue("$expires", (object?)key.ExpiresAt ?? DBNull.Value);
        },
        cancellationToken);

    public Task<DeviceKeyTable?> ReadAsync(Guid? known, CancellationToken cancellationToken) => access.ReadAsync(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText =
                """
                SELECT r.revision, k.name, k.key_hash, k.scope, k.value, k.created_at, k.created_by, k.expires_at
                FROM device_key_revision AS r LEFT JOIN device_keys AS k ON true
                WHERE r.revision <> $known
                ORDER BY k.name
                """;
            command.Parameters.AddWithValue("$known", (known ?? Guid.Empty).ToString(Format));
            DeviceKeyTable? table = null;
            var keys = new List<StoredDeviceKey>();
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                table ??= new(Guid.ParseExact(reader.GetString(0), Format), keys);
                if (!reader.IsDBNull(1))
                {
                    keys.Add(new(
                        reader.GetString(1), reader.GetString(2), new(KeyScope.KindOf(reader.GetString(3)), reader.GetString(4)),
                        reader.GetInt64(5), reader.GetString(6), reader.IsDBNull(7) ? null : reader.GetInt64(7)));
                }
            }

            return table;
        },
        cancellationToken);

    public Task<bool> RemoveAsync(string name, CancellationToken cancellationToken) => ChangeAsync(
        "DELETE FROM device_keys WHERE name = $name", parameters => parameters.AddWithValue("$name", name), cancellationToken);

    /// <returns>Whether the statement changed a key.</returns>
    private Task<bool> ChangeAsync(string sql, Action<SqliteParameterCollection> fill, CancellationToken cancellationToken) =>
        access.WriteAsync(
            session =>
            {
                using var transaction = session.Connection.BeginTransaction(deferred: false);
                using var change = session.Connection.CreateCommand();
                change.CommandText = sql;
                fill(change.Parameters);
                var isChanged = change.ExecuteNonQuery() == 1;
                if (isChanged)
                {
                    using var revise = session.Connection.CreateCommand();
                    revise.CommandText = "UPDATE device_key_revision SET revision = $revision";
                    revise.Parameters.AddWithValue("$revision", Guid.NewGuid().ToString(Format));
                    revise.ExecuteNonQuery();
                }

                transaction.Commit();
                return isChanged;
            },
            cancellationToken);
}
