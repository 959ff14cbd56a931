using GrainSensors.Storage.Contacts;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>contact_points</c> in PostgreSQL.</summary>
internal sealed class PostgresContactPoints(NpgsqlDataSource dataSource, string store) : IContactPointStore
{
    private readonly PostgresStatements _statements = new(dataSource, store);

    public Task<IReadOnlyList<StoredContactPoint>> ReadAsync(CancellationToken cancellationToken) => _statements.QueryAsync(
        "SELECT name, kind, is_enabled, settings, secrets, changed_at, changed_by FROM contact_points ORDER BY name",
        _ => { },
        row => new StoredContactPoint(
            row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4),
            PostgresWindowRows.ReadTime(row, 5), row.GetString(6)),
        cancellationToken);

    public async Task<bool> WriteAsync(StoredContactPoint point, CancellationToken cancellationToken) => (await _statements.QueryAsync(
        """
        INSERT INTO contact_points (name, kind, is_enabled, settings, secrets, changed_at, changed_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, is_enabled = excluded.is_enabled, settings = excluded.settings,
            secrets = excluded.secrets, changed_at = excluded.changed_at, changed_by = excluded.changed_by
        RETURNING xmax = 0
        """,
        parameters => parameters.Add(NpgsqlDbType.Text, point.Name).Add(NpgsqlDbType.Text, point.Kind)
            .Add(NpgsqlDbType.Boolean, point.IsEnabled).Add(NpgsqlDbType.Text, point.Settings)
            .Add(NpgsqlDbType.Text, (object?)point.Secrets ?? DBNull.Value).AddTime(point.ChangedAt)
            .Add(NpgsqlDbType.Text, point.ChangedBy),
        row => row.GetBoolean(0),
        cancellationToken)).Single();

    public async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken) => (await _statements.QueryAsync(
        """
        WITH removed AS (DELETE FROM contact_points WHERE name = $1 RETURNING name),
        dead AS (
            UPDATE notifications SET state = 'dead', finished_at = clock_timestamp(), last_error = 'The contact point was removed.'
            WHERE contact = (SELECT name FROM removed) AND state = 'pending')
        SELECT EXISTS (SELECT FROM removed)
        """,
        parameters => parameters.Add(NpgsqlDbType.Text, name),
        row => row.GetBoolean(0),
        cancellationToken)).Single();
}
