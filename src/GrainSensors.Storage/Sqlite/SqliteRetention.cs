using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>Deletes windows that ended before a moment, in transactions that are over in a moment.</summary>
internal static class SqliteRetention
{
    public const int ChunkRows = 5_000;

    /// <param name="cutoff">µs since the epoch.</param>
    /// <returns>How many rows were deleted; less than <see cref="ChunkRows"/>: there are no more.</returns>
    public static int DeleteChunk(SqliteConnection connection, long cutoff)
    {
        using var command = connection.CreateCommand();
        // A window ends after it starts, so the first comparison changes nothing but lets the primary key end the search.
        command.CommandText =
            $"""
            DELETE FROM sensor_windows WHERE (window_start, window_end, sensor_id, metric) IN (
                SELECT window_start, window_end, sensor_id, metric FROM sensor_windows
                WHERE window_start < $cutoff AND window_end <= $cutoff LIMIT {ChunkRows})
            """;
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
