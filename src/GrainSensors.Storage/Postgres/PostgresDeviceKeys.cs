using GrainSensors.Storage.Access;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>device_keys</c> in PostgreSQL.</summary>
internal sealed class PostgresDeviceKeys(NpgsqlDataSource dataSource, string store) : IDeviceKeyStore
{
    public Task<bool> AddAsync(StoredDeviceKey key, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            // The row of the revision makes changes wait for each other, so a revision stands for one content of the table.
            await using var command = dataSource.CreateCommand(
                """
                WITH added AS (
                    INSERT INTO device_keys (name, key_hash, scope, value, created_at, created_by, expires_at)
                    SELECT $1, $2, $3, $4, $5, $6, $7 WHERE NOT EXISTS (SELECT FROM access_keys WHERE name = $1)
                    ON CONFLICT DO NOTHING
                    RETURNING name)
                UPDATE device_key_revision SET revision = $8 WHERE EXISTS (SELECT FROM added)
                """);
            command.Parameters.Add(NpgsqlDbType.Text, key.Name).Add(NpgsqlDbType.Text, key.Hash)
                .Add(NpgsqlDbType.Text, KeyScope.WordOf(key.Scope.Kind)).Add(NpgsqlDbType.Text, key.Scope.Value)
                .AddTime(key.CreatedAt).Add(NpgsqlDbType.Text, key.CreatedBy).AddTime(key.ExpiresAt)
                .Add(NpgsqlDbType.Uuid, Guid.NewGuid());
            return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
        },
        cancellationToken);

    public Task<DeviceKeyTable?> ReadAsync(Guid? known, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                """
                SELECT r.revision, k.name, k.key_hash, k.scope, k.value, k.created_at, k.created_by, k.expires_at
                FROM device_key_revision AS r LEFT JOIN device_keys AS k ON true
                WHERE r.revision <> $1
                ORDER BY k.name
                """);
            command.Parameters.Add(NpgsqlDbType.Uuid, known ?? Guid.Empty);
            DeviceKeyTable? table = null;
            var keys = new List<StoredDeviceKey>();
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                table ??= new(reader.GetGuid(0), keys);
                if (!reader.IsDBNull(1))
                {
                    keys.Add(new(
                        reader.GetString(1), reader.GetString(2), new(KeyScope.KindOf(reader.GetString(3)), reader.GetString(4)),
                        PostgresWindowRows.ReadTime(reader, 5), reader.GetString(6),
                        reader.IsDBNull(7) ? null : PostgresWindowRows.ReadTime(reader, 7)));
                }
            }

            return table;
        },
        cancellationToken);

    public Task<bool> RemoveAsync(string name, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                """
                WITH removed AS (DELETE FROM device_keys WHERE name = $1 RETURNING name)
                UPDATE device_key_revision SET revision = $2 WHERE EXISTS (SELECT FROM removed)
                """);
            command.Parameters.Add(NpgsqlDbType.Text, name).Add(NpgsqlDbType.Uuid, Guid.NewGuid());
            return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
        },
        cancellationToken);
}
