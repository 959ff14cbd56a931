using GrainSensors.Storage.Contacts;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>contact_points</c> in PostgreSQL.</summary>
internal sealed class PostgresContactPoints(NpgsqlDataSource dataSource, string store) : IContactPointStore
{
    public Task<IReadOnlyList<StoredContactPoint>> ReadAsync(CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync<IReadOnlyList<StoredContactPoint>>(
            store,
            async () =>
            {
                await using var command = dataSource.CreateCommand(
                    "SELECT name, kind, is_enabled, settings, secrets, changed_at, changed_by FROM contact_points ORDER BY name");
                var points = new List<StoredContactPoint>();
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    points.Add(new(
                        reader.GetString(0), reader.GetString(1), reader.GetBoolean(2), reader.GetString(3),
                        reader.IsDBNull(4) ? null : reader.GetString(4), PostgresWindowRows.ReadTime(reader, 5), reader.GetString(6)));
                }

                return points;
            },
            cancellationToken);

    public Task<bool> WriteAsync(StoredContactPoint point, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                """
                INSERT INTO contact_points (name, kind, is_enabled, settings, secrets, changed_at, changed_by)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, is_enabled = excluded.is_enabled, settings = excluded.settings,
                    secrets = excluded.secrets, changed_at = excluded.changed_at, changed_by = excluded.changed_by
                RETURNING xmax = 0
                """);
            command.Parameters.Add(NpgsqlDbType.Text, point.Name).Add(NpgsqlDbType.Text, point.Kind)
                .Add(NpgsqlDbType.Boolean, point.IsEnabled).Add(NpgsqlDbType.Text, point.Settings)
                .Add(NpgsqlDbType.Text, (object?)point.Secrets ?? DBNull.Value).AddTime(point.ChangedAt)
                .Add(NpgsqlDbType.Text, point.ChangedBy);
            return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
        },
        cancellationToken);

    public Task<bool> RemoveAsync(string name, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                """
                WITH removed AS (DELETE FROM contact_points WHERE name = $1 RETURNING name),
                dead AS (
                    UPDATE notifications SET state = 'dead', finished_at = clock_timestamp(), last_error = 'The contact point was removed.'
                    WHERE contact = (SELECT name FROM removed) AND state = 'pending')
                SELECT EXISTS (SELECT FROM removed)
                """);
            command.Parameters.Add(NpgsqlDbType.Text, name);
            return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
        },
        cancellationToken);
}
