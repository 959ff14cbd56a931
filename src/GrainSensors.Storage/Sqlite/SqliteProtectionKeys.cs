using GrainSensors.Core.Time;
using GrainSensors.Storage.Access;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>data_protection_keys</c> in SQLite.</summary>
internal sealed class SqliteProtectionKeys(SqliteAccess access, TimeProvider clock) : IProtectionKeyStore
{
    public Task<IReadOnlyList<string>> ReadAsync(CancellationToken cancellationToken) => access.ReadAsync<IReadOnlyList<string>>(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText = "SELECT xml FROM data_protection_keys ORDER BY created_at, name";
            var elements = new List<string>();
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                elements.Add(reader.GetString(0));
            }

            return elements;
        },
        cancellationToken);

    public Task AddAsync(string name, string xml, TimeSpan quiet, CancellationToken cancellationToken) => access.WriteAsync(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText =
                """
                INSERT INTO data_protection_keys (name, xml, created_at)
                SELECT $name, $xml, $now
                WHERE NOT EXISTS (SELECT 1 FROM data_protection_keys WHERE created_at > $now - $quiet AND created_at <= $now)
                """;
            command.Parameters.AddWithValue("$name", name);
            command.Parameters.AddWithValue("$xml", xml);
            command.Parameters.AddWithValue("$now", EpochTime.Now(clock));
            command.Parameters.AddWithValue("$quiet", EpochTime.From(quiet));
            return command.ExecuteNonQuery();
        },
        cancellationToken);
}
