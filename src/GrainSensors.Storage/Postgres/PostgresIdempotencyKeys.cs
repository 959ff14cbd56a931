using GrainSensors.Storage.Idempotency;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>idempotency_keys</c> in PostgreSQL.</summary>
internal sealed class PostgresIdempotencyKeys(NpgsqlDataSource dataSource, string store) : IIdempotencyKeys
{
    /// <summary>Rows of one transaction, which keeps each transaction short.</summary>
    private const int ChunkRows = 10_000;

    public Task<StoredClaim?> FindAsync(ClaimKey key, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                """
                SELECT body_hash, transactional_id, record_partition, record_offset, token, answer, held_until - t.now
                FROM idempotency_keys, (SELECT clock_timestamp() AS now) AS t
                WHERE caller = $1 AND key = $2 AND claimed_at > t.now - $3
                """);
            Add(command, key).Add(NpgsqlDbType.Interval, IIdempotencyKeys.Lifetime);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return !await reader.ReadAsync(cancellationToken)
                ? null
                : new StoredClaim(
                    new(reader.GetString(0), Text(reader, 1), new(reader.GetInt32(2), reader.GetInt64(3))),
                    reader.GetGuid(4), Text(reader, 5), reader.GetTimeSpan(6));
        },
        cancellationToken);

    public async Task<bool> AddAsync(
        ClaimKey key, Guid token, Claim claim, TimeSpan hold, CancellationToken cancellationToken) =>
        await ExecuteAsync(
            """
            INSERT INTO idempotency_keys AS k (
                caller, key, body_hash, transactional_id, record_partition, record_offset, token, claimed_at, held_until)
            SELECT $1, $2, $3, $4, $5, $6, $7, t.now, t.now + $8 FROM (SELECT clock_timestamp() AS now) AS t
            ON CONFLICT (caller, key) DO UPDATE SET
                body_hash = excluded.body_hash, transactional_id = excluded.transactional_id,
                record_partition = excluded.record_partition, record_offset = excluded.record_offset, token = excluded.token,
                claimed_at = excluded.claimed_at, held_until = excluded.held_until, answer = NULL
            WHERE k.claimed_at <= excluded.claimed_at - $9
            """,
            key,
            parameters => parameters.Add(NpgsqlDbType.Text, claim.BodyHash)
                .Add(NpgsqlDbType.Text, (object?)claim.TransactionalId ?? DBNull.Value)
                .Add(NpgsqlDbType.Integer, claim.Record.Partition).Add(NpgsqlDbType.Bigint, claim.Record.Offset)
                .Add(NpgsqlDbType.Uuid, token).Add(NpgsqlDbType.Interval, hold)
                .Add(NpgsqlDbType.Interval, IIdempotencyKeys.Lifetime),
            cancellationToken) == 1;

    public async Task<bool> HoldAsync(ClaimKey key, Guid token, Guid next, TimeSpan hold, CancellationToken cancellationToken) =>
        await ExecuteAsync(
            """
            UPDATE idempotency_keys SET token = $4, held_until = clock_timestamp() + $5
            WHERE caller = $1 AND key = $2 AND token = $3 AND answer IS NULL
            """,
            key,
            parameters => parameters.Add(NpgsqlDbType.Uuid, token).Add(NpgsqlDbType.Uuid, next).Add(NpgsqlDbType.Interval, hold),
            cancellationToken) == 1;

    public async Task<bool> AnswerAsync(
        ClaimKey key, Guid token, string answer, CancellationToken cancellationToken) => await ExecuteAsync(
        "UPDATE idempotency_keys SET answer = $4 WHERE caller = $1 AND key = $2 AND token = $3",
        key,
        parameters => parameters.Add(NpgsqlDbType.Uuid, token).Add(NpgsqlDbType.Text, answer),
        cancellationToken) == 1;

    public async Task<bool> RemoveAsync(ClaimKey key, Guid token, CancellationToken cancellationToken) => await ExecuteAsync(
        "DELETE FROM idempotency_keys WHERE caller = $1 AND key = $2 AND token = $3 AND answer IS NULL",
        key,
        parameters => parameters.Add(NpgsqlDbType.Uuid, token),
        cancellationToken) == 1;

    public Task<long> RemoveExpiredAsync(CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            var (removed, chunk) = (0L, 0);
            do
            {
                // Every silo removes rows, and leaves those that another one is removing.
                await using var command = dataSource.CreateCommand(
                    """
                    DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
                        SELECT ctid FROM idempotency_keys WHERE claimed_at <= clock_timestamp() - $1 LIMIT $2 FOR UPDATE SKIP LOCKED))
                    """);
                command.Parameters.Add(NpgsqlDbType.Interval, IIdempotencyKeys.Lifetime).Add(NpgsqlDbType.Integer, ChunkRows);
                chunk = await command.ExecuteNonQueryAsync(cancellationToken);
                removed += chunk;
            }
            while (chunk == ChunkRows);
            return removed;
        },
        cancellationToken);

    private Task<int> ExecuteAsync(
        string sql, ClaimKey key, Action<NpgsqlParameterCollection> fill, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync(
            store,
            async () =>
            {
                await using var command = dataSource.CreateCommand(sql);
                fill(Add(command, key));
                return await command.ExecuteNonQueryAsync(cancellationToken);
            },
            cancellationToken);

    private static NpgsqlParameterCollection Add(NpgsqlCommand command, ClaimKey key) =>
        command.Parameters.Add(NpgsqlDbType.Text, key.Caller).Add(NpgsqlDbType.Text, key.Key);

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
