using GrainSensors.Storage.Contacts;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>alert_routes</c> in PostgreSQL.</summary>
internal sealed class PostgresRoutes(NpgsqlDataSource dataSource, string store) : IRouteStore
{
    public Task<StoredRoutes?> ReadAsync(CancellationToken cancellationToken) => PostgresErrors.GuardAsync<StoredRoutes?>(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                "SELECT version, document, changed_at, changed_by FROM alert_routes ORDER BY version DESC LIMIT 1");
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return await reader.ReadAsync(cancellationToken)
                ? new(
                    reader.GetInt32(0), reader.IsDBNull(1) ? null : reader.GetString(1), PostgresWindowRows.ReadTime(reader, 2),
                    reader.GetString(3))
                : null;
        },
        cancellationToken);

    public Task<bool> AddAsync(StoredRoutes routes, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                """
                INSERT INTO alert_routes (version, document, changed_at, changed_by)
                SELECT $1, $2, $3, $4 WHERE $1 = 1 + coalesce((SELECT max(version) FROM alert_routes), 0)
                ON CONFLICT DO NOTHING
                """);
            command.Parameters.Add(NpgsqlDbType.Integer, routes.Version)
                .Add(NpgsqlDbType.Text, (object?)routes.Document ?? DBNull.Value).AddTime(routes.ChangedAt)
                .Add(NpgsqlDbType.Text, routes.ChangedBy);
            return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
        },
        cancellationToken);
}
