using GrainSensors.Storage.Access;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>audit_log</c> in PostgreSQL.</summary>
internal sealed class PostgresAudit(NpgsqlDataSource dataSource, string store) : IAuditStore
{
    public Task AddAsync(AuditEntry entry, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                "INSERT INTO audit_log (at, actor, address, action, target, detail) VALUES ($1, $2, $3, $4, $5, $6)");
            command.Parameters.AddTime(entry.At).Add(NpgsqlDbType.Text, entry.Actor).Add(NpgsqlDbType.Text, entry.Address)
                .Add(NpgsqlDbType.Text, entry.Action).Add(NpgsqlDbType.Text, entry.Target)
                .Add(NpgsqlDbType.Text, (object?)entry.Detail ?? DBNull.Value);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        },
        cancellationToken);

    public Task<IReadOnlyList<AuditEntry>> QueryAsync(AuditQuery query, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync<IReadOnlyList<AuditEntry>>(
            store,
            async () =>
            {
                await using var command = dataSource.CreateCommand(
                    """
                    SELECT audit_id, at, actor, address, action, target, detail FROM audit_log
                    WHERE audit_id < $1 AND at >= $2 AND at < $3 AND ($4 IS NULL OR actor = $4) AND ($5 IS NULL OR action = $5)
                    ORDER BY audit_id DESC LIMIT $6
                    """);
                command.Parameters.Add(NpgsqlDbType.Bigint, query.Before).AddTime(query.From).AddTime(query.To)
                    .Add(NpgsqlDbType.Text, (object?)query.Actor ?? DBNull.Value)
                    .Add(NpgsqlDbType.Text, (object?)query.Action ?? DBNull.Value).Add(NpgsqlDbType.Integer, query.Limit);
                var entries = new List<AuditEntry>();
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    entries.Add(new(
                        reader.GetInt64(0), PostgresWindowRows.ReadTime(reader, 1), reader.GetString(2), reader.GetString(3),
                        reader.GetString(4), reader.GetString(5), reader.IsDBNull(6) ? null : reader.GetString(6)));
                }

                return entries;
            },
            cancellationToken);

    public Task<int> RemoveAsync(long cutoff, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand("DELETE FROM audit_log WHERE at < $1");
            command.Parameters.AddTime(cutoff);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        },
        cancellationToken);
}
