using GrainSensors.Core.Time;
using GrainSensors.Storage.Contacts;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>contact_points</c> in SQLite.</summary>
internal sealed class SqliteContactPoints(SqliteAccess access, TimeProvider clock) : IContactPointStore
{
    public Task<IReadOnlyList<StoredContactPoint>> ReadAsync(CancellationToken cancellationToken) =>
        access.ReadAsync<IReadOnlyList<StoredContactPoint>>(
            session =>
            {
                using var command = session.Connection.CreateCommand();
                command.CommandText =
                    "SELECT name, kind, is_enabled, settings, secrets, changed_at, changed_by FROM contact_points ORDER BY name";
                var points = new List<StoredContactPoint>();
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    points.Add(new(
                        reader.GetString(0), reader.GetString(1), reader.GetBoolean(2), reader.GetString(3),
                        reader.IsDBNull(4) ? null : reader.GetString(4), reader.GetInt64(5), reader.GetString(6)));
                }

                return points;
            },
            cancellationToken);

    public Task<bool> WriteAsync(StoredContactPoint point, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var find = session.Connection.CreateCommand();
            find.CommandText = "SELECT count(*) FROM contact_points WHERE name = $name";
            find.Parameters.AddWithValue("$name", point.Name);
            var isNew = (long)find.ExecuteScalar()! == 0;
            using var command = session.Connection.CreateCommand();
            command.CommandText =
                """
                INSERT OR REPLACE INTO contact_points (name, kind, is_enabled, settings, secrets, changed_at, changed_by)
                VALUES ($name, $kind, $enabled, $settings, $secrets, $at, $by)
                """;
            command.Parameters.AddWithValue("$name", point.Name);
            command.Parameters.AddWithValue("$kind", point.Kind);
            command.Parameters.AddWithValue("$enabled", point.IsEnabled);
            command.Parameters.AddWithValue("$settings", point.Settings);
            command.Parameters.AddWithValue("$secrets", (object?)point.Secrets ?? DBNull.Value);
            command.Parameters.AddWithValue("$at", point.ChangedAt);
            command.Parameters.AddWithValue("$by", point.ChangedBy);
            command.ExecuteNonQuery();
            return isNew;
        },
        cancellationToken);

    public Task<bool> RemoveAsync(string name, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var transaction = session.Connection.BeginTransaction(deferred: false);
            using var command = session.Connection.CreateCommand();
            command.CommandText = "DELETE FROM contact_points WHERE name = $name";
            command.Parameters.AddWithValue("$name", name);
            if (command.ExecuteNonQuery() == 0)
            {
                return false;
            }

            command.CommandText =
                """
                UPDATE notifications SET state = 'dead', finished_at = $now, last_error = 'The contact point was removed.'
                WHERE contact = $name AND state = 'pending'
                """;
            command.Parameters.AddWithValue("$now", EpochTime.Now(clock));
            command.ExecuteNonQuery();
            transaction.Commit();
            return true;
        },
        cancellationToken);
}
