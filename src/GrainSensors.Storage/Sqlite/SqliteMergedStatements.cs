namespace GrainSensors.Storage.Sqlite;

/// <summary>The statements of the table <c>merged_windows</c> in SQLite.</summary>
internal static class SqliteMergedStatements
{
    private const string Columns =
        "sensor_id, period, window_start, pane, token, statistics, revision, is_final, is_stale, latest_at, latest_partition, "
        + "latest_offset, latest_index, sketches";

    private const string Head = "SELECT sensor_id, period, window_start, pane, is_chained, token, window_end FROM merged_windows";

    public const string Stale =
        $"""
        {Head} WHERE is_stale AND window_end <= ?1 AND (window_end, sensor_id, period) > (?2, ?3, ?4)
        ORDER BY window_end, sensor_id, period
        """;

    public const string Key = $"{Head} WHERE sensor_id = ?1 AND period = ?2 AND window_start = ?3";

    public const string Merge =
        """
        UPDATE merged_windows
        SET statistics = ?5, token = ?6, revision = revision + (is_final AND ?14),
            is_due = is_due OR NOT is_final OR ?14, is_final = 1, is_stale = 0, updated_at = ?7, latest_at = ?8,
            latest_partition = ?9, latest_offset = ?10, latest_index = ?11, sketches = ?13
        WHERE sensor_id = ?1 AND period = ?2 AND window_start = ?3 AND token = ?4
            AND EXISTS (SELECT 1 FROM store_life WHERE id = ?12)
        """;

    public const string ByWindow =
        $"SELECT {Columns} FROM merged_windows WHERE sensor_id = ?1 AND period = ?2 AND window_start = ?3";

    public const string Due = $"SELECT {Columns} FROM merged_windows WHERE is_due ORDER BY window_end LIMIT ?1";

    public const string Announced =
        "UPDATE merged_windows SET is_due = 0 WHERE sensor_id = ?1 AND period = ?2 AND window_start = ?3 AND token = ?4";

    public const string InRange =
        $"""
        SELECT {Columns} FROM merged_windows
        WHERE period = ?1 AND window_start >= ?2 AND window_start < ?3 AND is_final
            AND (?4 IS NULL OR sensor_id IN (SELECT value FROM json_each(?4)))
        ORDER BY sensor_id, window_start
        """;
}
