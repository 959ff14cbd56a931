using GrainSensors.Storage.Access;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>sessions</c> in PostgreSQL.</summary>
internal sealed class PostgresLogIns(NpgsqlDataSource dataSource, string store) : ISessionStore
{
    private const string Columns =
        "session_id, name, role, key_hash, address, created_at, seen_at, expires_at, clock_timestamp()";

    public Task AddAsync(string tokenHash, NewSession session, TimeSpan lifetime, CancellationToken cancellationToken) => ExecuteAsync(
        """
        INSERT INTO sessions (token_hash, session_id, name, role, key_hash, address, created_at, seen_at, expires_at)
        SELECT $1, $2, $3, $4, $5, $6, t.now, t.now, t.now + $7 FROM (SELECT clock_timestamp() AS now) AS t
        """,
        parameters => parameters.Add(NpgsqlDbType.Text, tokenHash).Add(NpgsqlDbType.Uuid, session.Id).Add(NpgsqlDbType.Text, session.Name)
            .Add(NpgsqlDbType.Text, AccessStores.RoleOf(session.IsAdmin)).Add(NpgsqlDbType.Text, (object?)session.KeyHash ?? DBNull.Value)
            .Add(NpgsqlDbType.Text, session.Address).Add(NpgsqlDbType.Interval, lifetime),
        cancellationToken);

    public Task<Session?> FindAsync(string tokenHash, CancellationToken cancellationToken) => FirstAsync(
        $"SELECT {Columns} FROM sessions WHERE token_hash = $1 AND expires_at > clock_timestamp()",
        parameters => parameters.Add(NpgsqlDbType.Text, tokenHash),
        cancellationToken);

    public Task ExtendAsync(string tokenHash, TimeSpan lifetime, TimeSpan longest, CancellationToken cancellationToken) => ExecuteAsync(
        """
        UPDATE sessions
        SET created_at = least(created_at, t.now), seen_at = t.now, expires_at = least(t.now + $2, least(created_at, t.now) + $3)
        FROM (SELECT clock_timestamp() AS now) AS t
        WHERE token_hash = $1 AND expires_at > t.now
        """,
        parameters => parameters.Add(NpgsqlDbType.Text, tokenHash)
            .Add(NpgsqlDbType.Interval, lifetime).Add(NpgsqlDbType.Interval, longest),
        cancellationToken);

    public Task<Session?> EndAsync(string tokenHash, CancellationToken cancellationToken) => FirstAsync(
        $"DELETE FROM sessions WHERE token_hash = $1 RETURNING {Columns}",
        parameters => parameters.Add(NpgsqlDbType.Text, tokenHash),
        cancellationToken);

    public Task<Session?> EndAsync(Guid id, CancellationToken cancellationToken) => FirstAsync(
        $"DELETE FROM sessions WHERE session_id = $1 RETURNING {Columns}",
        parameters => parameters.Add(NpgsqlDbType.Uuid, id),
        cancellationToken);

    public Task<int> EndOfKeyAsync(string keyHash, CancellationToken cancellationToken) => ExecuteAsync(
        "DELETE FROM sessions WHERE key_hash = $1", parameters => parameters.Add(NpgsqlDbType.Text, keyHash), cancellationToken);

    public Task<IReadOnlyList<Session>> ReadAsync(CancellationToken cancellationToken) => QueryAsync(
        $"SELECT {Columns} FROM sessions WHERE expires_at > clock_timestamp() ORDER BY name, created_at",
        _ => { },
        cancellationToken);

    public Task<int> RemoveExpiredAsync(CancellationToken cancellationToken) =>
        ExecuteAsync("DELETE FROM sessions WHERE expires_at <= clock_timestamp()", _ => { }, cancellationToken);

    private Task<int> ExecuteAsync(string sql, Action<NpgsqlParameterCollection> fill, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync(
            store,
            async () =>
            {
                await using var command = dataSource.CreateCommand(sql);
                fill(command.Parameters);
                return await command.ExecuteNonQueryAsync(cancellationToken);
            },
            cancellationToken);

    private async Task<Session?> FirstAsync(string sql, Action<NpgsqlParameterCollection> fill, CancellationToken cancellationToken) =>
        (await QueryAsync(sql, fill, cancellationToken)).SingleOrDefault();

    private Task<IReadOnlyList<Session>> QueryAsync(
        string sql, Action<NpgsqlParameterCollection> fill, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync<IReadOnlyList<Session>>(
            store,
            async () =>
            {
                await using var command = dataSource.CreateCommand(sql);
                fill(command.Parameters);
                var found = new List<Session>();
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    found.Add(new(
                        reader.GetGuid(0), reader.GetString(1), reader.GetString(2) == AccessStores.Admin,
                        reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetString(4), PostgresWindowRows.ReadTime(reader, 5),
                        PostgresWindowRows.ReadTime(reader, 6), PostgresWindowRows.ReadTime(reader, 7),
                        PostgresWindowRows.ReadTime(reader, 8)));
                }

                return found;
            },
            cancellationToken);
}
