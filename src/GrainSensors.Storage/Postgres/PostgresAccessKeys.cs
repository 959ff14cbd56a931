using GrainSensors.Storage.Access;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>access_keys</c> in PostgreSQL.</summary>
internal sealed class PostgresAccessKeys(NpgsqlDataSource dataSource, string store) : IKeyStore
{
    public Task<bool> AddAsync(StoredKey key, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                """
                INSERT INTO access_keys (name, key_hash, role, created_at, created_by, expires_at)
                SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS (SELECT FROM device_keys WHERE name = $1)
                ON CONFLICT DO NOTHING
                """);
            command.Parameters.Add(NpgsqlDbType.Text, key.Name).Add(NpgsqlDbType.Text, key.Hash)
                .Add(NpgsqlDbType.Text, AccessStores.RoleOf(key.IsAdmin)).AddTime(key.CreatedAt)
                .Add(NpgsqlDbType.Text, key.CreatedBy).AddTime(key.ExpiresAt);
            return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
        },
        cancellationToken);

    public Task<IReadOnlyList<StoredKey>> ReadAsync(CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync<IReadOnlyList<StoredKey>>(
            store,
            async () =>
            {
                await using var command = dataSource.CreateCommand(
                    "SELECT name, key_hash, role, created_at, created_by, expires_at FROM access_keys ORDER BY name");
                var keys = new List<StoredKey>();
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    keys.Add(new(
                        reader.GetString(0), reader.GetString(1), reader.GetString(2) == AccessStores.Admin,
                        PostgresWindowRows.ReadTime(reader, 3), reader.GetString(4),
                        reader.IsDBNull(5) ? null : PostgresWindowRows.ReadTime(reader, 5)));
                }

                return keys;
            },
            cancellationToken);

    public Task<bool> RemoveAsync(string name, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                """
                WITH removed AS (DELETE FROM access_keys WHERE name = $1 RETURNING key_hash),
                    ended AS (DELETE FROM sessions WHERE key_hash IN (SELECT key_hash FROM removed))
                SELECT count(*) FROM removed
                """);
            command.Parameters.Add(NpgsqlDbType.Text, name);
            return await command.ExecuteScalarAsync(cancellationToken) is 1L;
        },
        cancellationToken);
}
