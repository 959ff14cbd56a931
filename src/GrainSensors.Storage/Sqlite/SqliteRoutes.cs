using GrainSensors.Storage.Contacts;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>alert_routes</c> in SQLite.</summary>
internal sealed class SqliteRoutes(SqliteAccess access) : IRouteStore
{
    public Task<StoredRoutes?> ReadAsync(CancellationToken cancellationToken) => access.ReadAsync<StoredRoutes?>(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText = "SELECT version, document, changed_at, changed_by FROM alert_routes ORDER BY version DESC LIMIT 1";
            using var reader = command.ExecuteReader();
            return reader.Read()
                ? new(reader.GetInt32(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetInt64(2), reader.GetString(3))
                : null;
        },
        cancellationToken);

    public Task<bool> AddAsync(StoredRoutes routes, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText =
                """
                INSERT INTO alert_routes (version, document, changed_at, changed_by)
                SELECT $version, $document, $at, $by WHERE $version = 1 + coalesce((SELECT max(version) FROM alert_routes), 0)
                """;
            command.Parameters.AddWithValue("$version", routes.Version);
            command.Parameters.AddWithValue("$document", (object?)routes.Document ?? DBNull.Value);
            command.Parameters.AddWithValue("$at", routes.ChangedAt);
            command.Parameters.AddWithValue("$by", routes.ChangedBy);
            return command.ExecuteNonQuery() == 1;
        },
        cancellationToken);
}
