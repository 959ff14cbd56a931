using System.Globalization;
using System.Runtime.CompilerServices;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>Reads a range of windows on a separate connection, in chunks that bound the memory.</summary>
internal static class SqliteQuery
{
    private const int ChunkRows = 1000;

    /// <summary>
    /// The most windows that a query looks up by key instead of a range scan. The key begins with the start, so a range scan for one
    /// sensor reads the rows of all sensors.
    /// </summary>
    private const int MaxLookups = 50_000;

    public static async IAsyncEnumerable<WindowRow> RunAsync(
        SqliteFile file, WindowQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var connection = await Task.Run(file.OpenForReading, cancellationToken);
        using var statement = Prepare(
            connection, query,
            $"""
            rows AS (SELECT {SqliteRows.Columns}{(query.WithDetails ? $", sketch, {SqliteRows.EdgeColumns}" : "")} FROM found)
            SELECT * FROM rows ORDER BY sensor_id, metric, window_start, period
            """);
        var chunk = new List<WindowRow>(ChunkRows);
        do
        {
            chunk.Clear();
            await Task.Run(() => Fill(chunk, statement, query.WithDetails), cancellationToken);
            foreach (var row in chunk)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return row;
            }
        }
        while (chunk.Count == ChunkRows);
    }

    public static IReadOnlyList<PooledWindow> Pool(SqliteFile file, PoolQuery query)
    {
        using var connection = file.OpenForReading();
        using var statement = Prepare(
            connection,
            new(query.From, query.To, [query.SensorId], query.Period),
            """
            rows AS (
                SELECT metric, window_start - ((window_start % ?5) + ?5) % ?5 AS start,
                    sample_count AS n, mean, m2, min, max, revision, is_final
                FROM found
            ),
            means AS (
                SELECT metric, start, sum(n * mean) / sum(n) AS mean
                FROM rows
                GROUP BY metric, start
            )
            SELECT r.start, r.metric, sum(r.n), m.mean, sum(r.m2 + r.n * (r.mean - m.mean) * (r.mean - m.mean)), min(r.min), max(r.max),
                max(r.revision), min(r.is_final)
            FROM rows AS r
            JOIN means AS m USING (metric, start)
            GROUP BY r.start, r.metric
            ORDER BY r.start, r.metric
            """);
        statement.Bind(5, query.Length.TotalMicros);
        var windows = new List<PooledWindow>();
        while (statement.Next())
        {
            windows.Add(new(
                statement.Integer(0),
                statement.Text(1),
                new(statement.Integer(2), statement.Number(3), statement.Number(4), statement.Number(5), statement.Number(6)),
                (int)statement.Integer(7),
                statement.Integer(8) != 0));
        }

        return windows;
    }

    private static void Fill(List<WindowRow> chunk, SqliteStatement rows, bool withDetails)
    {
        while (chunk.Count < ChunkRows && rows.Next())
        {
            var row = SqliteRows.Read(rows);
            chunk.Add(
                withDetails
                    ? row with { Sketch = SqliteRows.ReadSketch(rows, 14, row.Statistics.Count), Edges = SqliteRows.ReadEdges(rows, 15) }
                    : row);
        }
    }

    /// <param name="rest">Further table expressions and the statement, which read the rows from <c>found</c>.</param>
    private static SqliteStatement Prepare(SqliteConnection connection, WindowQuery query, string rest)
    {
        var (from, to) = Narrow(connection, query);
        var sensors = query.SensorIds;
        var length = query.Period?.TotalMicros ?? 0;
        var byKey = sensors is not null && length > 0 && (to - from) / length * sensors.Count <= MaxLookups;

        // The sensors are one JSON parameter, because SQLite limits the number of parameters.
        var sql = byKey
            ? "SELECT w.* FROM starts, json_each(?3) AS s CROSS JOIN windows AS w "
                + "ON w.window_start = starts.at AND w.period = ?6 AND w.sensor_id = s.value"
            : "SELECT * FROM windows AS w WHERE w.window_start >= ?1 AND w.window_start < ?2"
                + (sensors is null ? "" : " AND w.sensor_id IN (SELECT value FROM json_each(?3))")
                + (length == 0 ? "" : " AND w.period = ?6");
        var starts = byKey ? "starts (at) AS (SELECT ?1 WHERE ?1 < ?2 UNION ALL SELECT at + ?4 FROM starts WHERE at + ?4 < ?2), " : "";
        var statement = new SqliteStatement(connection, $"WITH RECURSIVE {starts}found AS ({sql}), {rest}");

        // Windows are aligned to the epoch, so the first start is the next multiple of the length.
        statement.Bind(1, byKey ? query.Period!.Value.StartOf(from + length - 1) : from);
        statement.Bind(2, to);
        if (sensors is not null)
        {
            statement.Bind(3, $"[{string.Join(',', sensors.Distinct().Select(id => id.ToString(CultureInfo.InvariantCulture)))}]");
        }

        if (length > 0)
        {
            statement.Bind(4, length);
            statement.Bind(6, StoredPeriod.Text(query.Period!.Value));
        }

        return statement;
    }

    /// <inheritdoc cref="IStore.FindReportedAsync"/>
    public static IReadOnlySet<int> FindReported(SqliteConnection connection, IReadOnlyCollection<int> sensorIds, long before)
    {
        // The start comes first in the key, so one pass serves all sensors.
        using var command = connection.CreateCommand();
        command.CommandText =
            $"""
            SELECT DISTINCT sensor_id FROM windows
            WHERE window_start < $before AND sensor_id IN ({string.Join(',', sensorIds.Distinct())})
            """;
        command.Parameters.AddWithValue("$before", before);
        var found = new HashSet<int>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            found.Add(reader.GetInt32(0));
        }

        return found;
    }

    /// <returns>The part of the range that has windows; the primary key gives both bounds without a scan.</returns>
    private static (long From, long To) Narrow(SqliteConnection connection, WindowQuery query)
    {
        using var bounds = new SqliteStatement(
            connection, "SELECT (SELECT min(window_start) FROM windows), (SELECT max(window_start) FROM windows)");
        bounds.Next();
        var (from, to) = (Math.Max(query.From, bounds.Integer(0)), Math.Min(query.To, bounds.Integer(1) + 1));
        return (from, Math.Max(from, to));
    }
}
