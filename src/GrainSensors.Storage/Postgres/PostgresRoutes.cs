using GrainSensors.Storage.Contacts;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>alert_routes</c> in PostgreSQL.</summary>
internal sealed class PostgresRoutes(NpgsqlDataSource dataSource, string store) : IRouteStore
{
    private readonly PostgresStatements _statements = new(dataSource, store);

    public async Task<StoredRoutes?> ReadAsync(CancellationToken cancellationToken) => (await _statements.QueryAsync(
        "SELECT version, document, changed_at, changed_by FROM alert_routes ORDER BY version DESC LIMIT 1",
        _ => { },
        row => new StoredRoutes(
            row.GetInt32(0), row.IsDBNull(1) ? null : row.GetString(1), PostgresWindowRows.ReadTime(row, 2), row.GetString(3)),
        cancellationToken)).SingleOrDefault();

    public async Task<bool> AddAsync(StoredRoutes routes, CancellationToken cancellationToken) => await _statements.ExecuteAsync(
        """
        INSERT INTO alert_routes (version, document, changed_at, changed_by)
        SELECT $1, $2, $3, $4 WHERE $1 = 1 + coalesce((SELECT max(version) FROM alert_routes), 0)
        ON CONFLICT DO NOTHING
        """,
        parameters => parameters.Add(NpgsqlDbType.Integer, routes.Version)
            .Add(NpgsqlDbType.Text, (object?)routes.Document ?? DBNull.Value).AddTime(routes.ChangedAt)
            .Add(NpgsqlDbType.Text, routes.ChangedBy),
        cancellationToken) == 1;
}
