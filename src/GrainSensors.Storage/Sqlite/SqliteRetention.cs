using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>Deletes windows that ended before a cutoff, in short transactions.</summary>
internal static class SqliteRetention
{
    public const int ChunkRows = 5_000;

    /// <param name="cutoff">µs since the epoch.</param>
    /// <returns>The number of deleted rows; fewer than <see cref="ChunkRows"/> if none are left.</returns>
    public static int DeleteChunk(SqliteConnection connection, long cutoff)
    {
        using var command = connection.CreateCommand();

        // A window starts before it ends, so the comparison of the start is redundant; it lets the primary key limit the search.
        command.CommandText =
            $"""
            DELETE FROM windows WHERE (window_start, period, sensor_id, metric) IN (
                SELECT window_start, period, sensor_id, metric FROM windows
                WHERE window_start < $cutoff AND window_end <= $cutoff LIMIT {ChunkRows})
            """;
        command.Parameters.AddWithValue("$cutoff", cutoff);
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
