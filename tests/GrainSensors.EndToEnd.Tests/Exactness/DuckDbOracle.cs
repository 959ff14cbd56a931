using DuckDB.NET.Data;

namespace GrainSensors.EndToEnd.Tests.Exactness;

/// <summary>The windows of a recording computed by DuckDB, which shares nothing with the pipeline.</summary>
internal static class DuckDbOracle
{
    /// <summary>One metric of one window.</summary>
    public sealed record Window(long Count, double Min, double Max, double Mean, double StandardDeviation);

    /// <param name="periodSeconds">The length of the windows.</param>
    /// <returns>By sensor, metric and start in epoch seconds.</returns>
    public static async Task<Dictionary<(int Sensor, string Metric, long Start), Window>> WindowsOfRecordingAsync(
        string csv, int periodSeconds)
    {
        await using var connection = new DuckDBConnection("DataSource=:memory:");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            WITH readings AS (
                SELECT sensor_id::INTEGER AS sensor_id,
                       floor("timestamp"::DECIMAL(20, 6) / {periodSeconds})::BIGINT * {periodSeconds} AS window_start,
                       temperature::DOUBLE AS temperature,
                       humidity::DOUBLE AS humidity
                FROM read_csv('{csv.Replace("'", "''", StringComparison.Ordinal)}', header = true, all_varchar = true)
            ),
            metrics AS (
                SELECT sensor_id, window_start, 'temperature' AS metric, temperature AS value FROM readings
                UNION ALL
                SELECT sensor_id, window_start, 'humidity', humidity FROM readings
            )
            SELECT sensor_id, metric, window_start, count(value), min(value), max(value), avg(value), stddev_pop(value)
            FROM metrics
            WHERE value IS NOT NULL
            GROUP BY ALL
            """;
        var windows = new Dictionary<(int, string, long), Window>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            windows.Add(
                (reader.GetInt32(0), reader.GetString(1), reader.GetInt64(2)),
                new(reader.GetInt64(3), reader.GetDouble(4), reader.GetDouble(5), reader.GetDouble(6), reader.GetDouble(7)));
        }

        return windows;
    }
}
