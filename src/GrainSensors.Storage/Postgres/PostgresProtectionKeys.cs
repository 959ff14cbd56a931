using GrainSensors.Storage.Access;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>data_protection_keys</c> in PostgreSQL.</summary>
internal sealed class PostgresProtectionKeys(NpgsqlDataSource dataSource, string store) : IProtectionKeyStore
{
    public Task<IReadOnlyList<string>> ReadAsync(CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync<IReadOnlyList<string>>(
            store,
            async () =>
            {
                await using var command = dataSource.CreateCommand("SELECT xml FROM data_protection_keys ORDER BY created_at, name");
                var elements = new List<string>();
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    elements.Add(reader.GetString(0));
                }

                return elements;
            },
            cancellationToken);

    public Task AddAsync(string name, string xml, TimeSpan quiet, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

            // The second of two silos waits here and then sees the element of the first.
            await connection.ExecuteAsync("LOCK TABLE data_protection_keys IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
            await using var command = new NpgsqlCommand(
                """
                INSERT INTO data_protection_keys (name, xml, created_at)
                SELECT $1, $2, t.now FROM (SELECT clock_timestamp() AS now) AS t
                WHERE NOT EXISTS (SELECT FROM data_protection_keys WHERE created_at > t.now - $3 AND created_at <= t.now)
                """,
                connection,
                transaction);
            command.Parameters.Add(NpgsqlDbType.Text, name).Add(NpgsqlDbType.Text, xml).Add(NpgsqlDbType.Interval, quiet);
            await command.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        },
        cancellationToken);
}
