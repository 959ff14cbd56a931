using GrainSensors.Core.Time;
using GrainSensors.Storage.Names;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>measurement_names</c> in SQLite.</summary>
internal sealed class SqliteMeasurementNames(SqliteAccess access, TimeProvider clock) : IMeasurementNames
{
    public Task AddAsync(IReadOnlyCollection<string> names, int most, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var transaction = session.Connection.BeginTransaction(deferred: false);
            foreach (var name in names)
            {
                using var command = session.Connection.CreateCommand();
                command.CommandText =
                    """
                    INSERT INTO measurement_names (name, created_at)
                    SELECT $name, $now WHERE (SELECT count(*) FROM measurement_names) < $most
                    ON CONFLICT DO NOTHING
                    """;
                command.Parameters.AddWithValue("$name", name);
                command.Parameters.AddWithValue("$most", most);
                command.Parameters.AddWithValue("$now", EpochTime.Now(clock));
                command.ExecuteNonQuery();
            }

            transaction.Commit();
            return true;
        },
        cancellationToken);

    public Task<IReadOnlyList<StoredMeasurement>> ReadAsync(
        CancellationToken cancellationToken) => access.ReadAsync<IReadOnlyList<StoredMeasurement>>(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText = "SELECT name, created_at FROM measurement_names ORDER BY created_at, name";
            using var reader = command.ExecuteReader();
            var names = new List<StoredMeasurement>();
            while (reader.Read())
            {
                names.Add(new(reader.GetString(0), reader.GetInt64(1)));
            }

            return names;
        },
        cancellationToken);
}
