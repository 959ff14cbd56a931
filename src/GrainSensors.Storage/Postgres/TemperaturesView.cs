using System.Security.Cryptography;
using System.Text;
using GrainSensors.Storage.Migrations;
using GrainSensors.Storage.Windows;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// The view <c>sensor_temperatures</c> for the readers of the old table. A relation of that name in an adopted database is
/// renamed and kept, and the view shows its rows too.
/// </summary>
internal sealed class TemperaturesView(NpgsqlDataSource dataSource, string store)
{
    public const string Name = "sensor_temperatures";
    public const string LegacyName = "sensor_temperatures_legacy";

    /// <summary>
    /// The beginning of the view's comment. The comment distinguishes this view from other relations of the name, from the view
    /// of another schema, and from earlier versions.
    /// </summary>
    private const string Signature = "GrainSensors: the windows of ";

    /// <summary>A change of the schema, as SQL and as sentences for a plan.</summary>
    public sealed record Step(IReadOnlyList<string> Statements, IReadOnlyList<string> Sentences);

    private sealed record Relation(string Schema, string Name, string Comment, long Rows);

    /// <summary>The relations of the schema that holds the view, or will hold it.</summary>
    /// <param name="Signature">The beginning of the comment of this application's view.</param>
    /// <param name="View">The relation that has the name of the view; null if there is none.</param>
    /// <param name="Legacy">The renamed old table; null if there is none.</param>
    private sealed record Place(string Schema, string Signature, Relation? View, Relation? Legacy)
    {
        /// <summary>The relation that has the name of the view is not a view of this application and must be renamed.</summary>
        public bool MustRename => View is not null && !IsOurs(View, Signature);
    }

    /// <returns>The change to make; null if the view is up to date.</returns>
    public async Task<Step?> FindStepAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var (home, relations) = await InspectAsync(connection, cancellationToken);
        var place = FindPlace(home, relations);
        if (place is { MustRename: true, Legacy: not null })
        {
            throw new WindowStoreUnavailableException(
                $"The window store {store} has both {place.Schema}.{LegacyName} and a relation {place.Schema}.{Name} that is not the "
                + "view of this application; rename one of them.");
        }

        var select = MigrationScripts.Read($"postgres/{Name}.sql").TrimEnd();
        if ((place.MustRename ? place.View : place.Legacy) is { } old)
        {
            var columns = await LegacyColumns.ReadAsync(connection, store, old.Schema, old.Name, cancellationToken);
            select = $"{select}\nUNION ALL\n{columns.Select($"{Quote(place.Schema)}.{LegacyName}")}";
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(select)))[..12];
        var comment = $"{place.Signature} ({hash})";
        if (place.View?.Comment == comment)
        {
            return null;
        }

        var grants = place.MustRename ? await GrantsAsync(connection, place.Schema, cancellationToken) : [];
        return CreateStep(place, select, comment, grants);
    }

    /// <summary>Runs the step in one transaction, so that readers find the name at every moment.</summary>
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

    /// <summary>Finds the first schema of the search path with one of the two names, except for views of other schemas.</summary>
    private static Place FindPlace(string home, List<Relation> relations)
    {
        var signature = $"{Signature}{home}";
        foreach (var found in relations.GroupBy(relation => relation.Schema))
        {
            var named = found.FirstOrDefault(relation => relation.Name == Name);
            var isOfOtherSchema = named?.Comment.StartsWith(Signature, StringComparison.Ordinal) == true && !IsOurs(named, signature);
            if (!isOfOtherSchema || found.Key == home)
            {
                return new(found.Key, signature, named, found.FirstOrDefault(relation => relation.Name == LegacyName));
            }
        }

        return new(home, signature, null, null);
    }

    /// <summary>The hash follows in parentheses, which distinguishes "windows of app" from "windows of apple".</summary>
    private static bool IsOurs(Relation relation, string signature) =>
        relation.Comment.StartsWith($"{signature} (", StringComparison.Ordinal);

    private static Step CreateStep(Place place, string select, string comment, IEnumerable<string> grants)
    {
        var (schema, target) = (place.Schema, $"{Quote(place.Schema)}.{Name}");
        var (statements, sentences) = (new List<string>(), new List<string>());
        if (place.MustRename)
        {
            var rows = place.View!.Rows > 0 ? $" (about {place.View.Rows} rows)" : "";
            statements.Add($"ALTER TABLE {target} RENAME TO {LegacyName}");
            sentences.Add($"Rename {schema}.{Name}{rows} to {LegacyName}; nothing is dropped.");
        }

        statements.Add($"CREATE OR REPLACE VIEW {target} AS\n{select}");
        statements.Add($"COMMENT ON VIEW {target} IS '{comment.Replace("'", "''", StringComparison.Ordinal)}'");
        statements.AddRange(grants);
        var legacy = place.MustRename || place.Legacy is not null ? $", and of the other rows of {LegacyName}" : "";
        sentences.Add($"Create the view {schema}.{Name} of the new windows{legacy}.");
        return new(statements, sentences);
    }

    /// <returns>
    /// The schema in which tables are created, and the relations with one of the two names, in order of the search path.
    /// </returns>
    private static async Task<(string Home, List<Relation> Relations)> InspectAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
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

    /// <returns>Statements that let every reader of the old table read the view.</returns>
    private static async Task<List<string>> GrantsAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
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
            grants.Add($"GRANT SELECT ON {Quote(schema)}.{Name} TO {reader.GetString(0)}");
        }

        return grants;
    }

    private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
