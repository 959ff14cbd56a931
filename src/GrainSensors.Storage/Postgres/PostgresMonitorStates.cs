using GrainSensors.Storage.Alerts;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The tables <c>monitor_states</c> and <c>monitor_changes</c> in PostgreSQL.</summary>
internal sealed class PostgresMonitorStates(NpgsqlDataSource dataSource, PostgresLife life, string store) : IMonitorStates
{
    // One statement each: a pooler may give the next one to another server, and another writer may come in between.
    private const string Read =
        """
        SELECT store_life(), s.version, s.marks, s.watches,
            ARRAY(SELECT c.watches FROM monitor_changes AS c WHERE c.shard = s.shard ORDER BY c.number)
        FROM (SELECT) AS always LEFT JOIN monitor_states AS s ON s.shard = $1
        """;

    private const string Insert =
        """
        WITH life AS MATERIALIZED (SELECT store_life() AS id), written AS (
            INSERT INTO monitor_states (shard, version, marks, watches, written_at)
            SELECT $1, $2, $4, $5, now() FROM life WHERE life.id = $3
            ON CONFLICT DO NOTHING
            RETURNING shard)
        SELECT life.id, EXISTS (SELECT FROM written) FROM life
        """;

    private const string Replace =
        """
        WITH life AS MATERIALIZED (SELECT store_life() AS id), written AS (
            UPDATE monitor_states AS s SET version = $2, marks = $4, watches = $5, written_at = now() FROM life
            WHERE s.shard = $1 AND s.version = $6 AND life.id = $3
            RETURNING s.shard),
        removed AS (DELETE FROM monitor_changes AS c USING written WHERE c.shard = written.shard)
        SELECT life.id, EXISTS (SELECT FROM written) FROM life
        """;

    private const string Change =
        """
        WITH life AS MATERIALIZED (SELECT store_life() AS id), written AS (
            UPDATE monitor_states AS s SET version = $2, marks = $4, written_at = now() FROM life
            WHERE s.shard = $1 AND s.version = $6 AND life.id = $3
            RETURNING s.shard),
        added AS (INSERT INTO monitor_changes (shard, number, watches) SELECT shard, $7, $5 FROM written)
        SELECT life.id, EXISTS (SELECT FROM written) FROM life
        """;

    public Task<StoredMonitor> ReadAsync(int shard, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(Read);
            command.Parameters.Add(NpgsqlDbType.Integer, shard);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            var found = life.Found(reader.GetGuid(0));
            return reader.IsDBNull(1)
                ? new StoredMonitor(found, null, null, null, [])
                : new(
                    found,
                    reader.GetInt64(1),
                    reader.IsDBNull(2) ? null : reader.GetFieldValue<byte[]>(2),
                    reader.GetFieldValue<byte[]>(3),
                    reader.GetFieldValue<byte[][]>(4));
        },
        cancellationToken);

    public Task<bool> WriteAsync(MonitorWrite write, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                write.Replaces is null ? Insert : write.Change == 0 ? Replace : Change);
            command.Parameters
                .Add(NpgsqlDbType.Integer, write.Shard)
                .Add(NpgsqlDbType.Bigint, write.Version)
                .Add(NpgsqlDbType.Uuid, write.Life)
                .Add(NpgsqlDbType.Bytea, write.Marks)
                .Add(NpgsqlDbType.Bytea, write.Watches);
            if (write.Replaces is { } replaces)
            {
                command.Parameters.Add(NpgsqlDbType.Bigint, replaces);
                if (write.Change > 0)
                {
                    command.Parameters.Add(NpgsqlDbType.Integer, write.Change);
                }
            }

            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            life.Found(reader.GetGuid(0));
            return reader.GetBoolean(1);
        },
        cancellationToken);
}
