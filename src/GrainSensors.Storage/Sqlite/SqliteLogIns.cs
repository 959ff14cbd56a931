using GrainSensors.Core.Time;
using GrainSensors.Storage.Access;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>sessions</c> in SQLite.</summary>
internal sealed class SqliteLogIns(SqliteAccess access, TimeProvider clock) : ISessionStore
{
    private const string Columns = "session_id, name, role, key_hash, address, created_at, seen_at, expires_at, $now";

    public Task AddAsync(string tokenHash, NewSession session, TimeSpan lifetime, CancellationToken cancellationToken) => ExecuteAsync(
        """
        INSERT INTO sessions (token_hash, session_id, name, role, key_hash, address, created_at, seen_at, expires_at)
        VALUES ($token, $id, $name, $role, $key, $address, $now, $now, $now + $lifetime)
        """,
        cancellationToken,
        ("$token", tokenHash),
        ("$id", session.Id.ToString()),
        ("$name", session.Name),
        ("$role", AccessStores.RoleOf(session.IsAdmin)),
        ("$key", (object?)session.KeyHash ?? DBNull.Value),
        ("$address", session.Address),
        ("$lifetime", EpochTime.From(lifetime)));

    public Task<Session?> FindAsync(string tokenHash, CancellationToken cancellationToken) => access.ReadAsync(
        session => Query(
            session.Connection,
            $"SELECT {Columns} FROM sessions WHERE token_hash = $token AND expires_at > $now",
            ("$token", tokenHash)).SingleOrDefault(),
        cancellationToken);

    public Task ExtendAsync(string tokenHash, TimeSpan lifetime, TimeSpan longest, CancellationToken cancellationToken) => ExecuteAsync(
        """
        UPDATE sessions
        SET created_at = min(created_at, $now), seen_at = $now, expires_at = min($now + $lifetime, min(created_at, $now) + $longest)
        WHERE token_hash = $token AND expires_at > $now
        """,
        cancellationToken,
        ("$token", tokenHash),
        ("$lifetime", EpochTime.From(lifetime)),
        ("$longest", EpochTime.From(longest)));

    public Task<Session?> EndAsync(string tokenHash, CancellationToken cancellationToken) => access.WriteAsync(
        session => Query(
            session.Connection, $"DELETE FROM sessions WHERE token_hash = $token RETURNING {Columns}", ("$token", tokenHash))
            .SingleOrDefault(),
        cancellationToken);

    public Task<Session?> EndAsync(Guid id, CancellationToken cancellationToken) => access.WriteAsync(
        session => Query(
            session.Connection, $"DELETE FROM sessions WHERE session_id = $id RETURNING {Columns}", ("$id", id.ToString()))
            .SingleOrDefault(),
        cancellationToken);

    public Task<int> EndOfKeyAsync(string keyHash, CancellationToken cancellationToken) =>
        ExecuteAsync("DELETE FROM sessions WHERE key_hash = $key", cancellationToken, ("$key", keyHash));

    public Task<IReadOnlyList<Session>> ReadAsync(CancellationToken cancellationToken) => access.ReadAsync<IReadOnlyList<Session>>(
        session => Query(session.Connection, $"SELECT {Columns} FROM sessions WHERE expires_at > $now ORDER BY name, created_at"),
        cancellationToken);

    public Task<int> RemoveExpiredAsync(CancellationToken cancellationToken) =>
        ExecuteAsync("DELETE FROM sessions WHERE expires_at <= $now", cancellationToken);

    private Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken, params (string Name, object Value)[] values) =>
        access.WriteAsync(
            session =>
            {
                using var command = Command(session.Connection, sql, values);
                return command.ExecuteNonQuery();
            },
            cancellationToken);

    private List<Session> Query(SqliteConnection connection, string sql, params (string Name, object Value)[] values)
    {
        using var command = Command(connection, sql, values);
        var found = new List<Session>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            found.Add(new(
                Guid.Parse(reader.GetString(0)), reader.GetString(1), reader.GetString(2) == AccessStores.Admin,
                reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetString(4), reader.GetInt64(5), reader.GetInt64(6),
                reader.GetInt64(7), reader.GetInt64(8)));
        }

        return found;
    }

    private SqliteCommand Command(SqliteConnection connection, string sql, (string Name, object Value)[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        if (sql.Contains("$now", StringComparison.Ordinal))
        {
            command.Parameters.AddWithValue("$now", EpochTime.Now(clock));
        }

        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
