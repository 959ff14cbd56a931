using GrainSensors.Storage.Access;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>sessions</c> in PostgreSQL.</summary>
internal sealed class PostgresLogIns(NpgsqlDataSource dataSource, string store) : ISessionStore
{
    private const string Columns =
        "session_id, name, role, key_hash, address, created_at, seen_at, expires_at, clock_timestamp()";

    private readonly PostgresStatements _statements = new(dataSource, store);

    public Task AddAsync(string tokenHash, NewSession session, TimeSpan lifetime, CancellationToken cancellationToken) =>
        _statements.ExecuteAsync(
            """
            INSERT INTO sessions (token_hash, session_id, name, role, key_hash, address, created_at, seen_at, expires_at)
            SELECT $1, $2, $3, $4, $5, $6, t.now, t.now, t.now + $7 FROM (SELECT clock_timestamp() AS now) AS t
            """,
            parameters => parameters.Add(NpgsqlDbType.Text, tokenHash).Add(NpgsqlDbType.Uuid, session.Id)
                .Add(NpgsqlDbType.Text, session.Name).Add(NpgsqlDbType.Text, AccessStores.RoleOf(session.IsAdmin))
                .Add(NpgsqlDbType.Text, (object?)session.KeyHash ?? DBNull.Value).Add(NpgsqlDbType.Text, session.Address)
                .Add(NpgsqlDbType.Interval, lifetime),
            cancellationToken);

    public Task<Session?> FindAsync(string tokenHash, CancellationToken cancellationToken) => FirstAsync(
        $"SELECT {Columns} FROM sessions WHERE token_hash = $1 AND expires_at > clock_timestamp()",
        parameters => parameters.Add(NpgsqlDbType.Text, tokenHash),
        cancellationToken);

    public Task ExtendAsync(string tokenHash, TimeSpan lifetime, TimeSpan longest, CancellationToken cancellationToken) =>
        _statements.ExecuteAsync(
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

    public Task<int> EndOfKeyAsync(string keyHash, CancellationToken cancellationToken) => _statements.ExecuteAsync(
        "DELETE FROM sessions WHERE key_hash = $1", parameters => parameters.Add(NpgsqlDbType.Text, keyHash), cancellationToken);

    public Task<IReadOnlyList<Session>> ReadAsync(CancellationToken cancellationToken) => QueryAsync(
        $"SELECT {Columns} FROM sessions WHERE expires_at > clock_timestamp() ORDER BY name, created_at",
        _ => { },
        cancellationToken);

    public Task<int> RemoveExpiredAsync(CancellationToken cancellationToken) =>
        _statements.ExecuteAsync("DELETE FROM sessions WHERE expires_at <= clock_timestamp()", _ => { }, cancellationToken);

    private async Task<Session?> FirstAsync(string sql, Action<NpgsqlParameterCollection> fill, CancellationToken cancellationToken) =>
        (await QueryAsync(sql, fill, cancellationToken)).SingleOrDefault();

    private Task<IReadOnlyList<Session>> QueryAsync(
        string sql, Action<NpgsqlParameterCollection> fill, CancellationToken cancellationToken) =>
        _statements.QueryAsync(sql, fill, Read, cancellationToken);

    private static Session Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2) == AccessStores.Admin, row.IsDBNull(3) ? null : row.GetString(3),
        row.GetString(4), PostgresWindowRows.ReadTime(row, 5), PostgresWindowRows.ReadTime(row, 6), PostgresWindowRows.ReadTime(row, 7),
        PostgresWindowRows.ReadTime(row, 8));
}
