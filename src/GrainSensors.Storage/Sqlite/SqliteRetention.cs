using System.Globalization;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>Deletes windows that are past retention, in short transactions.</summary>
internal static class SqliteRetention
{
    public const int ChunkRows = 5_000;

    /// <summary>The tables with windows, and their keys.</summary>
    public static IReadOnlyList<(string Table, string Key)> Tables { get; } =
        [("windows", "window_start, period, sensor_id, metric"), ("merged_windows", "window_start, period, sensor_id")];

    /// <param name="cutoffsOf">The cutoffs of the periods that have one of their own, µs since the epoch.</param>
    /// <returns>The number of deleted rows; fewer than <see cref="ChunkRows"/> if none are left.</returns>
    public static int DeleteChunk(SqliteConnection connection, (string Table, string Key) from, RetentionPolicy policy,
        Dictionary<string, long> cutoffsOf)
    {
        using var command = connection.CreateCommand();
        var (cutoffs, last) = ("", policy.Cutoff ?? long.MinValue);
        foreach (var period in policy.Periods)
        {
            var (at, cutoff) = (command.Parameters.Count, cutoffsOf.GetValueOrDefault(period, long.MinValue));
            cutoffs = string.Create(CultureInfo.InvariantCulture, $"{cutoffs} WHEN $period{at} THEN $cutoff{at}");
            command.Parameters.AddWithValue($"$period{at}", period);
            command.Parameters.AddWithValue($"$cutoff{at}", cutoff);
            last = Math.Max(last, cutoff);
        }

        // A window starts before it ends, so the comparison of the start is redundant; it lets the primary key limit the search.
        command.CommandText =
            $"""
            DELETE FROM {from.Table} WHERE ({from.Key}) IN (
                SELECT {from.Key} FROM {from.Table}
                WHERE window_start < $last AND window_end <= {(cutoffs.Length == 0 ? "$cutoff" : $"CASE period{cutoffs} ELSE $cutoff END")}
                LIMIT {ChunkRows})
            """;
        command.Parameters.AddWithValue("$last", last);
        command.Parameters.AddWithValue("$cutoff", policy.Cutoff ?? long.MinValue);
        return command.ExecuteNonQuery();
    }

    public static int DeleteLatest(SqliteConnection connection, long cutoff)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "DELETE FROM sensor_latest WHERE latest_at < $cutoff";
        command.Parameters.AddWithValue("$cutoff", cutoff);
        return command.ExecuteNonQuery();
    }

    public static int DeleteCheckpoints(SqliteConnection connection, long cutoff)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "DELETE FROM checkpoints WHERE updated_at < $cutoff";
        command.Parameters.AddWithValue("$cutoff", cutoff);
        return command.ExecuteNonQuery();
    }
}
