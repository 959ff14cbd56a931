using System.Text.RegularExpressions;
using DuckDB.NET.Data;
using GrainSensors.Core.Readings;
using GrainSensors.Reconciliation.Spark.Job;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>Runs the statement that parses messages in DuckDB, translated from Spark's dialect. Both have the same functions.</summary>
internal static partial class DuckSpark
{
    /// <returns>The reading of each message; null for a message that the statement rejects.</returns>
    public static List<Reading?> Parse(JobOptions options, IReadOnlyList<byte[]> messages) => Query(
        options, messages,
        reader => reader.GetBoolean(reader.GetOrdinal("is_reading")) ? Reading(reader, options.Measurements.Length) : (Reading?)null);

    /// <returns>Whether the sensor of each message certainly has a name.</returns>
    public static List<bool> AreNamed(JobOptions options, IReadOnlyList<byte[]> messages) =>
        Query(options, messages, reader => reader.GetBoolean(reader.GetOrdinal("is_named")));

    private static List<T> Query<T>(JobOptions options, IReadOnlyList<byte[]> messages, Func<DuckDBDataReader, T> read)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        Execute(connection, "CREATE MACRO replace_all(text, pattern, replacement) AS regexp_replace(text, pattern, replacement, 'g')");
        Execute(connection, $"CREATE TABLE {JobStatements.Messages} (partition INTEGER, \"offset\" BIGINT, value BLOB)");
        using (var appender = connection.CreateAppender(JobStatements.Messages))
        {
            for (var i = 0; i < messages.Count; i++)
            {
                appender.CreateRow().AppendValue(0).AppendValue((long)i).AppendValue(messages[i]).EndRow();
            }
        }

        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT * FROM ({Translate(JobStatements.Parse(options))}) AS parsed ORDER BY log_offset";
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
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
        ViewEnd().Replace(statement, ") AS $2) AS $1")
            .Replace("LATERAL VIEW explode(array(", ", LATERAL (SELECT (", StringComparison.Ordinal)
            .Replace(@"\\", @"\", StringComparison.Ordinal)
            .Replace("$1", @"\1", StringComparison.Ordinal)
            .Replace(@"'\$'", "'$'", StringComparison.Ordinal)
            .Replace("regexp_replace(", "replace_all(", StringComparison.Ordinal)
            .Replace("decode(value, 'UTF-8')", "TRY(decode(value))", StringComparison.Ordinal)
            .Replace("encode(TRY(decode(value)), 'UTF-8')", "encode(TRY(decode(value)))", StringComparison.Ordinal)
            .Replace("CAST(", "TRY_CAST(", StringComparison.Ordinal);

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    [GeneratedRegex(@"^\)\) (\w+) AS (\w+)$", RegexOptions.Multiline)]
    private static partial Regex ViewEnd();
}
