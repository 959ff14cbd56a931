using GrainSensors.Storage.Rules;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>rules</c> in PostgreSQL.</summary>
internal sealed class PostgresRules(NpgsqlDataSource dataSource, string store) : IRuleStore
{
    private readonly PostgresStatements _statements = new(dataSource, store);

    public async Task<long> ReadVersionAsync(CancellationToken cancellationToken) => (await _statements.QueryAsync(
        "SELECT version FROM rule_changes", _ => { }, reader => reader.GetInt64(0), cancellationToken))[0];

    public Task<IReadOnlyList<StoredRule>> ReadAsync(CancellationToken cancellationToken) => _statements.QueryAsync(
        "SELECT rule_id, document, version, changed_at, changed_by FROM rules ORDER BY rule_id",
        _ => { },
        reader => new StoredRule(
            reader.GetString(0), reader.GetString(1), reader.GetInt64(2), PostgresWindowRows.ReadTime(reader, 3), reader.GetString(4)),
        cancellationToken);

    public Task<RuleChange> WriteAsync(StoredRule rule, long? expected, CancellationToken cancellationToken) => ChangeAsync(
        rule.Id,
        expected,
        """
        INSERT INTO rules (rule_id, version, document, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (rule_id) DO UPDATE SET version = excluded.version, document = excluded.document,
            changed_at = excluded.changed_at, changed_by = excluded.changed_by
        """,
        parameters => parameters.Add(NpgsqlDbType.Text, rule.Document).AddTime(rule.ChangedAt).Add(NpgsqlDbType.Text, rule.ChangedBy),
        cancellationToken);

    public Task<RuleChange> RemoveAsync(string id, long? expected, CancellationToken cancellationToken) => ChangeAsync(
        id, expected, "DELETE FROM rules WHERE rule_id = $1 AND version < $2", _ => { }, cancellationToken);

    /// <param name="sql">The change; $1 is the id, and $2 the number of the change. It must change a row.</param>
    private Task<RuleChange> ChangeAsync(
        string id, long? expected, string sql, Action<NpgsqlParameterCollection> add, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync(
            store,
            async () =>
            {
                await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

                // The row is locked until the end, so changes follow one another.
                await using var count = new NpgsqlCommand(
                    "UPDATE rule_changes SET version = version + 1 RETURNING version", connection, transaction);
                var version = (long)(await count.ExecuteScalarAsync(cancellationToken))!;
                await using var find = new NpgsqlCommand("SELECT version FROM rules WHERE rule_id = $1", connection, transaction);
                find.Parameters.Add(NpgsqlDbType.Text, id);
                var before = (long?)await find.ExecuteScalarAsync(cancellationToken);
                if (!RuleChange.IsExpected(expected, before))
                {
                    return new RuleChange(before, null);
                }

                await using var change = new NpgsqlCommand(sql, connection, transaction);
                add(change.Parameters.Add(NpgsqlDbType.Text, id).Add(NpgsqlDbType.Bigint, version));
                if (await change.ExecuteNonQueryAsync(cancellationToken) == 0)
                {
                    return new RuleChange(before, null);
                }

                await transaction.CommitAsync(cancellationToken);
                return new RuleChange(before, version);
            },
            cancellationToken);
}
