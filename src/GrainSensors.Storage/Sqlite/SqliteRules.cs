using GrainSensors.Storage.Rules;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>rules</c> in SQLite.</summary>
internal sealed class SqliteRules(SqliteAccess access) : IRuleStore
{
    public Task<long> ReadVersionAsync(CancellationToken cancellationToken) => access.ReadAsync(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText = "SELECT version FROM rule_changes";
            return (long)command.ExecuteScalar()!;
        },
        cancellationToken);

    public Task<IReadOnlyList<StoredRule>> ReadAsync(CancellationToken cancellationToken) => access.ReadAsync<IReadOnlyList<StoredRule>>(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText = "SELECT rule_id, document, version, changed_at, changed_by FROM rules ORDER BY rule_id";
            var rules = new List<StoredRule>();
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                rules.Add(new(reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetString(4)));
            }

            return rules;
        },
        cancellationToken);

    public Task<RuleChange> WriteAsync(StoredRule rule, long? expected, CancellationToken cancellationToken) => ChangeAsync(
        rule.Id,
        expected,
        """
        INSERT OR REPLACE INTO rules (rule_id, document, version, changed_at, changed_by) VALUES ($id, $document, $version, $at, $by)
        """,
        parameters =>
        {
            parameters.AddWithValue("$document", rule.Document);
            parameters.AddWithValue("$at", rule.ChangedAt);
            parameters.AddWithValue("$by", rule.ChangedBy);
        },
        cancellationToken);

    public Task<RuleChange> RemoveAsync(string id, long? expected, CancellationToken cancellationToken) => ChangeAsync(
        id, expected, "DELETE FROM rules WHERE rule_id = $id AND version < $version", _ => { }, cancellationToken);

    /// <param name="sql">The change, with the id and the number of the change. It must change a row.</param>
    private Task<RuleChange> ChangeAsync(
        string id, long? expected, string sql, Action<SqliteParameterCollection> add, CancellationToken cancellationToken) =>
        access.WriteAsync(
            session =>
            {
                using var transaction = session.Connection.BeginTransaction(deferred: false);
                using var command = session.Connection.CreateCommand();
                command.CommandText = "UPDATE rule_changes SET version = version + 1 RETURNING version";
                var version = (long)command.ExecuteScalar()!;
                command.CommandText = "SELECT version FROM rules WHERE rule_id = $id";
                command.Parameters.AddWithValue("$id", id);
                var before = (long?)command.ExecuteScalar();
                if (!RuleChange.IsExpected(expected, before))
                {
                    return new RuleChange(before, null);
                }

                command.CommandText = sql;
                command.Parameters.AddWithValue("$version", version);
                add(command.Parameters);
                if (command.ExecuteNonQuery() == 0)
                {
                    return new RuleChange(before, null);
                }

                transaction.Commit();
                return new RuleChange(before, version);
            },
            cancellationToken);
}
