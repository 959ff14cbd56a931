using System.Security.Cryptography;
using System.Text;
using GrainSensors.Storage.Migrations;
using GrainSensors.Storage.Windows;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// The view <c>sensor_temperatures</c>: what the readers of the old table see. Whatever else bears its name when the
/// database is adopted is renamed, kept and shown through it.
/// </summary>
internal sealed class TemperaturesView(NpgsqlDataSource dataSource, string store)
{
    public const string Name = "sensor_temperatures";
    public const string LegacyName = "sensor_temperatures_legacy";

    /// <summary>The beginning of the view's comment. It tells our view from others, ours of another schema, and old versions of it.</summary>
    private const string Signature = "GrainSensors: the windows of ";

    /// <summary>What there is to do, in SQL and in words.</summary>
    public sealed record Step(IReadOnlyList<string> Statements, IReadOnlyList<string> Sentences);

    private sealed record Relation(string Schema, string Name, string Comment, long Rows);

    /// <returns>Null: the view is as it should be.</returns>
    public async Task<Step?> FindStepAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var (home, relations) = await InspectAsync(connection, cancellationToken);
        var signature = $"{Signature}{home}";
        var (schema, view, legacy) = (home, (Relation?)null, (Relation?)null);
        foreach (var found in relations.GroupBy(relation => relation.Schema))
        {
            var named = found.FirstOrDefault(relation => relation.Name == Name);
            var kept = found.FirstOrDefault(relation => relation.Name == LegacyName);
            var isAnothers = named?.Comment.StartsWith(Signature, StringComparison.Ordinal) == true && !IsOurs(named);
            if (isAnothers && found.Key != home)
            {
                continue;
            }

            (schema, view, legacy) = (found.Key, named, kept);
            break;
        }

        var adopts = view is not null && !IsOurs(view);
        if (adopts && legacy is not null)
        {
            throw new WindowStoreUnavailableException(
                $"The window store {store} holds both {schema}.{Name}, which is not the view that belongs there, and {schema}.{LegacyName}; "
                + "rename one of them and run migrate again.");
        }

        var select = MigrationScripts.Read($"postgres/{Name}.sql").TrimEnd();
        if ((adopts ? view : legacy) is { } old)
        {
            var columns = await LegacyColumns.ReadAsync(connection, store, old.Schema, old.Name, cancellationToken);
            select = $"{select}\nUNION ALL\n{columns.Select($"{Quote(schema)}.{LegacyName}")}";
        }

        var comment = $"{signature} ({Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(select)))[..12]})";
        if (view?.Comment == comment)
        {
            return null;
        }

        var target = $"{Quote(schema)}.{Name}";
        var (statements, sentences) = (new List<string>(), new List<string>());
        if (adopts)
        {
            var rows = view!.Rows > 0 ? $", about {view.Rows} rows," : "";
            statements.Add($"ALTER TABLE {target} RENAME TO {LegacyName}");
            sentences.Add($"Rename {schema}.{Name}{rows} to {LegacyName}; nothing is dropped.");
        }

        statements.Add($"CREATE OR REPLACE VIEW {target} AS\n{select}");
        statements.Add($"COMMENT ON VIEW {target} IS '{comment.Replace("'", "''", StringComparison.Ordinal)}'");
        var shows = adopts || legacy is not null ? $", and what they do not replace of {LegacyName}" : "";
        sentences.Add($"Create the view {schema}.{Name}, which shows the new windows{shows}.");
        if (adopts)
        {
            statements.AddRange(await GrantsAsync(connection, schema, target, cancellationToken));
        }

        return new(statements, sentences);

        // The hash follows in brackets: "windows of app" must not be taken for "windows of apple".
        bool IsOurs(Relation relation) => relation.Comment.StartsWith($"{signature} (", StringComparison.Ordinal);
    }

    /// <summary>All of it or nothing, so that readers find the name at every moment.</summary>
    public Task ApplyAsync(Step step, CancellationToken cancellationToken) =>
        LockTimeoutRetry.RunAsync(
            dataSource,
            async connection =>
            {
                foreach (var statement in step.Statements)
                {
                    await connection.ExecuteAsync(statement, cancellationToken);
                }

                return true;
            },
            LockTimeoutRetry.Attempts,
            cancellationToken);

    /// <returns>The schema that tables are created in, and what bears one of the two names on the search path, in its order.</returns>
    private static async Task<(string Home, List<Relation> Relations)> InspectAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT current_schema(), n.nspname, c.relname, coalesce(obj_description(c.oid, 'pg_class'), ''), c.reltuples::bigint
            FROM unnest(current_schemas(false)) WITH ORDINALITY AS path (schema, position)
            LEFT JOIN pg_namespace AS n ON n.nspname = path.schema
            LEFT JOIN pg_class AS c ON c.relnamespace = n.oid
                AND c.relname IN ('sensor_temperatures', 'sensor_temperatures_legacy') AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
            ORDER BY path.position
            """,
            connection);
        var (home, relations) = ("public", new List<Relation>());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            home = reader.GetString(0);
            if (!reader.IsDBNull(2))
            {
                relations.Add(new(reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetInt64(4)));
            }
        }

        return (home, relations);
    }

    /// <summary>Whoever could read the old table can read the view.</summary>
    private static async Task<List<string>> GrantsAsync(
        NpgsqlConnection connection, string schema, string target, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT DISTINCT coalesce(quote_ident(r.rolname), 'PUBLIC')
            FROM pg_class AS c
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            CROSS JOIN aclexplode(c.relacl) AS a
            LEFT JOIN pg_roles AS r ON r.oid = a.grantee
            WHERE n.nspname = $1 AND c.relname = $2 AND a.privilege_type = 'SELECT' AND a.grantee <> c.relowner
            """,
            connection)
        { Parameters = { new() { Value = schema }, new() { Value = Name } } };
        var grants = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            grants.Add($"GRANT SELECT ON {target} TO {reader.GetString(0)}");
        }

        return grants;
    }

    private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
