using GrainSensors.Storage.Windows;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>The columns of the old table, converted to the types of the view.</summary>
internal sealed class LegacyColumns
{
    private static readonly string[] Needed =
        ["sensor_id", "window_start", "window_end", "avg_temperature", "min_temperature", "max_temperature"];

    private readonly Dictionary<string, string> _expressions = [];

    private LegacyColumns()
    {
    }

    /// <exception cref="WindowStoreUnavailableException">
    /// A column is missing or has an unsupported type, so the table is a different one.
    /// </exception>
    public static async Task<LegacyColumns> ReadAsync(
        NpgsqlConnection connection, string store, string schema, string table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT a.attname, format_type(a.atttypid, a.atttypmod)
            FROM pg_attribute AS a
            JOIN pg_class AS c ON c.oid = a.attrelid
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped
            """,
            connection)
        { Parameters = { new() { Value = schema }, new() { Value = table } } };
        var types = new Dictionary<string, string>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                types[reader.GetString(0)] = reader.GetString(1);
            }
        }

        var columns = new LegacyColumns();
        foreach (var name in Needed)
        {
            var type = types.GetValueOrDefault(name);
            columns._expressions[name] = Show(name, type) ?? throw new WindowStoreUnavailableException(
                $"The window store {store} has a table {schema}.{table} that cannot be adopted: its column {name} "
                + $"{(type is null ? "is missing" : $"has the type {type}")}; rename the table.");
        }

        return columns;
    }

    /// <returns>The query for the rows of the table that no new window replaces.</returns>
    public string Select(string table) =>
        $"""
        SELECT {string.Join(", ", Needed.Select(name => $"{_expressions[name]} AS {name}"))}
        FROM {table} AS l
        WHERE NOT EXISTS (
            SELECT FROM contract_windows AS w
            WHERE w.sensor_id = l.sensor_id AND w.metric = 'temperature'
                AND w.window_start = {_expressions["window_start"]} AT TIME ZONE 'UTC'
                AND w.window_end = {_expressions["window_end"]} AT TIME ZONE 'UTC')
        """;

    /// <returns>The expression for the column; null for an unsupported type.</returns>
    private static string? Show(string name, string? type)
    {
        // Without its modifiers "timestamp(3) with time zone" is "timestamp with time zone".
        var plain = type is null ? "" : System.Text.RegularExpressions.Regex.Replace(type, @"\(.*?\)", "");
        var column = $"l.{name}";
        var isNumber = plain is "smallint" or "integer" or "bigint" or "numeric" or "real" or "double precision";
        return name switch
        {
            "sensor_id" when plain == "integer" => column,
            "sensor_id" when isNumber => $"CASE WHEN {column} BETWEEN -2147483648 AND 2147483647 THEN {column}::integer END",
            "window_start" or "window_end" => plain switch
            {
                "timestamp without time zone" or "date" => $"{column}::timestamp",
                "timestamp with time zone" => $"({column} AT TIME ZONE 'UTC')",
                _ => null,
            },
            _ when type == "numeric(5,2)" => column,
            _ when isNumber && name != "sensor_id" =>
                $"CASE WHEN {column} > -1000 AND {column} < 1000 AND abs(round({column}::numeric, 2)) < 1000 "
                + $"THEN {column}::numeric END::numeric(5, 2)",
            _ => null,
        };
    }
}
