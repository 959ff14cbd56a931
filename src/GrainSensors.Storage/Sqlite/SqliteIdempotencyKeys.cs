using GrainSensors.Core.Time;
using GrainSensors.Storage.Idempotency;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>idempotency_keys</c> in SQLite.</summary>
internal sealed class SqliteIdempotencyKeys(SqliteAccess access, TimeProvider clock) : IIdempotencyKeys
{
    private static readonly (string, object) Lifetime = ("$lifetime", EpochTime.From(IIdempotencyKeys.Lifetime));

    public Task<StoredClaim?> FindAsync(ClaimKey key, CancellationToken cancellationToken) => access.ReadAsync(
        session =>
        {
            using var command = Command(
                session.Connection,
                """
                SELECT body_hash, transactional_id, record_partition, record_offset, token, answer, held_until - $now
                FROM idempotency_keys WHERE caller = $caller AND key = $key AND claimed_at > $now - $lifetime
                """,
                key,
                Lifetime);
            using var reader = command.ExecuteReader();
            return !reader.Read()
                ? null
                : new StoredClaim(
                    new(reader.GetString(0), Text(reader, 1), new(reader.GetInt32(2), reader.GetInt64(3))),
                    Guid.Parse(reader.GetString(4)), Text(reader, 5), TimeSpan.FromMicroseconds(reader.GetInt64(6)));
        },
        cancellationToken);

    public async Task<bool> AddAsync(
        ClaimKey key, Guid token, Claim claim, TimeSpan hold, CancellationToken cancellationToken) =>
        await ExecuteAsync(
            """
            INSERT INTO idempotency_keys (
                caller, key, body_hash, transactional_id, record_partition, record_offset, token, claimed_at, held_until)
            VALUES ($caller, $key, $hash, $transactional, $partition, $offset, $token, $now, $now + $hold)
            ON CONFLICT (caller, key) DO UPDATE SET
                body_hash = excluded.body_hash, transactional_id = excluded.transactional_id,
                record_partition = excluded.record_partition, record_offset = excluded.record_offset, token = excluded.token,
                claimed_at = excluded.claimed_at, held_until = excluded.held_until, answer = NULL
            WHERE claimed_at <= $now - $lifetime
            """,
            key,
            cancellationToken,
            ("$hash", claim.BodyHash),
            ("$transactional", (object?)claim.TransactionalId ?? DBNull.Value),
            ("$partition", claim.Record.Partition),
            ("$offset", claim.Record.Offset),
            ("$token", token.ToString()),
            ("$hold", EpochTime.From(hold)),
            Lifetime) == 1;

    public async Task<bool> HoldAsync(ClaimKey key, Guid token, Guid next, TimeSpan hold, CancellationToken cancellationToken) =>
        await ExecuteAsync(
            """
            UPDATE idempotency_keys SET token = $next, held_until = $now + $hold
            WHERE caller = $caller AND key = $key AND token = $token AND answer IS NULL
            """,
            key,
            cancellationToken,
            ("$token", token.ToString()),
            ("$next", next.ToString()),
            ("$hold", EpochTime.From(hold))) == 1;

    public async Task<bool> AnswerAsync(
        ClaimKey key, Guid token, string answer, CancellationToken cancellationToken) => await ExecuteAsync(
        "UPDATE idempotency_keys SET answer = $answer WHERE caller = $caller AND key = $key AND token = $token",
        key,
        cancellationToken,
        ("$token", token.ToString()),
        ("$answer", answer)) == 1;

    public async Task<bool> RemoveAsync(ClaimKey key, Guid token, CancellationToken cancellationToken) => await ExecuteAsync(
        "DELETE FROM idempotency_keys WHERE caller = $caller AND key = $key AND token = $token AND answer IS NULL",
        key,
        cancellationToken,
        ("$token", token.ToString())) == 1;

    public async Task<long> RemoveExpiredAsync(CancellationToken cancellationToken)
    {
        var (removed, chunk) = (0L, 0);
        do
        {
            // Each chunk is a separate call, so that commits can run in between.
            chunk = await ExecuteAsync(
                $"""
                DELETE FROM idempotency_keys WHERE (caller, key) IN (
                    SELECT caller, key FROM idempotency_keys WHERE claimed_at <= $now - $lifetime LIMIT {SqliteRetention.ChunkRows})
                """,
                null,
                cancellationToken,
                Lifetime);
            removed += chunk;
        }
        while (chunk == SqliteRetention.ChunkRows);
        return removed;
    }

    private Task<int> ExecuteAsync(
        string sql, ClaimKey? key, CancellationToken cancellationToken, params (string Name, object Value)[] values) =>
        access.WriteAsync(
            session =>
            {
                using var command = Command(session.Connection, sql, key, values);
                return command.ExecuteNonQuery();
            },
            cancellationToken);

    private SqliteCommand Command(
        SqliteConnection connection, string sql, ClaimKey? key, params (string Name, object Value)[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$now", EpochTime.Now(clock));
        if (key is not null)
        {
            command.Parameters.AddWithValue("$caller", key.Caller);
            command.Parameters.AddWithValue("$key", key.Key);
        }

        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }

    private static string? Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
