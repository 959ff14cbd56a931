using System.Text;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;
using GrainSensors.Core.Readings;
using GrainSensors.Reconciliation.Spark.Job;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>Runs the statement that parses messages in DuckDB, translated from Spark's dialect. Both have the same functions.</summary>
internal static partial class DuckSpark
{
    /// <param name="names">The numbers of names, as the table <c>sensor_names</c> has them.</param>
    /// <returns>The reading of each message; null for a message that the statements reject.</returns>
    public static List<Reading?> Parse(
        JobOptions options, IReadOnlyList<byte[]> messages, IReadOnlyDictionary<string, int>? names = null)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        Execute(connection, "CREATE MACRO replace_all(text, pattern, replacement) AS regexp_replace(text, pattern, replacement, 'g')");
        Execute(connection, "CREATE MACRO json_text(text, path) AS TRY(json_extract_string(text, path))");
        Execute(connection, $"CREATE TABLE {JobStatements.Messages} (partition INTEGER, \"offset\" BIGINT, value BLOB)");
        using (var appender = connection.CreateAppender(JobStatements.Messages))
        {
            for (var i = 0; i < messages.Count; i++)
            {
                appender.CreateRow().AppendValue(0).AppendValue((long)i).AppendValue(messages[i]).EndRow();
            }
        }

        Execute(connection, $"CREATE TABLE {JobStatements.Parsed} AS {Translate(JobStatements.Parse(options))}");
        AddNames(connection, names ?? new Dictionary<string, int>());
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT * FROM ({Translate(JobStatements.Resolve(options))}) AS resolved ORDER BY log_offset";
        using var reader = command.ExecuteReader();
        var rows = new List<Reading?>();
        while (reader.Read())
        {
            rows.Add(reader.GetBoolean(reader.GetOrdinal("is_reading")) ? Reading(reader, options.Measurements.Length) : null);
        }

        return rows;
    }

    /// <summary>Writes the tables of names, of which the job brings those of messages into normal form C.</summary>
    private static void AddNames(DuckDBConnection connection, IReadOnlyDictionary<string, int> names)
    {
        Execute(connection, $"CREATE TABLE {JobStatements.StoredNames} (name VARCHAR, number INTEGER)");
        Execute(connection, $"CREATE TABLE {JobStatements.Spellings} (name VARCHAR, stored VARCHAR)");
        Execute(connection, $"CREATE TABLE {JobStatements.DeadLetters} (partition INTEGER, log_offset BIGINT)");
        using (var appender = connection.CreateAppender(JobStatements.StoredNames))
        {
            foreach (var (name, number) in names)
            {
                appender.CreateRow().AppendValue(name).AppendValue(number).EndRow();
            }
        }

        using var command = connection.CreateCommand();
        command.CommandText = Translate(JobStatements.UnknownNames());
        using var reader = command.ExecuteReader();
        using var spellings = connection.CreateAppender(JobStatements.Spellings);
        while (reader.Read())
        {
            var name = reader.GetString(0);
            if (SensorName.TryParse(Encoding.UTF8.GetBytes(name), out var stored))
            {
                spellings.CreateRow().AppendValue(name).AppendValue(stored).EndRow();
            }
        }
    }

    private static Reading Reading(DuckDBDataReader reader, int measurements)
    {
        var values = MeasurementValues.None;
        for (var i = 0; i < measurements; i++)
        {
            var column = reader.GetOrdinal(WindowsStatement.Column(i));
            values[i] = reader.IsDBNull(column) ? double.NaN : reader.GetDouble(column);
        }

        var (sensor, time) = (reader.GetOrdinal("sensor_id"), reader.GetOrdinal("event_time"));
        return new() { SensorId = reader.GetInt32(sensor), Timestamp = reader.GetInt64(time), Values = values };
    }

    private static string Translate(string statement) =>
        Match().Replace(ViewEnd().Replace(statement, ") AS $2) AS $1"), "regexp_matches($1, $2)")
            .Replace("LATERAL VIEW explode(array(", ", LATERAL (SELECT (", StringComparison.Ordinal)
            .Replace(@"\\", @"\", StringComparison.Ordinal)
            .Replace("$1", @"\1", StringComparison.Ordinal)
            .Replace(@"'\$'", "'$'", StringComparison.Ordinal)
            .Replace("regexp_replace(", "replace_all(", StringComparison.Ordinal)
            .Replace("decode(value, 'UTF-8')", "TRY(decode(value))", StringComparison.Ordinal)
            .Replace("encode(TRY(decode(value)), 'UTF-8')", "encode(TRY(decode(value)))", StringComparison.Ordinal)
            .Replace("CAST(", "TRY_CAST(", StringComparison.Ordinal)
            .Replace("get_json_object(", "json_text(", StringComparison.Ordinal)
            .Replace("LEFT ANTI JOIN", "ANTI JOIN", StringComparison.Ordinal);

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    [GeneratedRegex(@"^\)\) (\w+) AS (\w+)$", RegexOptions.Multiline)]
    private static partial Regex ViewEnd();

    [GeneratedRegex(@"(\S+) RLIKE ('[^']*')")]
    private static partial Regex Match();
}
