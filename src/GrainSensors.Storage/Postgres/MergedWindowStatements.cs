namespace GrainSensors.Storage.Postgres;

/// <summary>The statements of the table <c>merged_windows</c> in PostgreSQL.</summary>
internal static class MergedWindowStatements
{
    private const string Columns =
        "m.sensor_id, m.period, m.window_start, m.pane, m.token, m.metrics, m.statistics, m.revision, m.is_final, m.is_stale, "
        + "m.latest_at, m.latest_partition, m.latest_offset, m.latest_index, m.sketches";

    private const string PaneColumns =
        "k.position, w.window_start, w.metrics, w.statistics, w.latest_at, w.latest_partition, w.latest_offset, w.latest_index";

    private const string PaneKeys =
        "unnest($1, $2, $3, $7, $8) AS k (sensor_id, pane, window_start, window_end, position)";

    private const string PaneRange =
        """
        w.sensor_id = k.sensor_id AND w.period = k.pane AND w.window_start >= k.window_start AND w.window_start < k.window_end
                AND w.is_final AND w.period = ANY ($4) AND w.window_start >= $5 AND w.window_start <= $6
        """;

    // Without OFFSET 0, PostgreSQL would join all panes with all stale windows.
    public const string Stale =
        """
        WITH life AS MATERIALIZED (SELECT store_life() AS id)
        SELECT m.sensor_id, m.period, m.window_start, m.pane, m.is_chained, m.token, id
        FROM merged_windows AS m, life
        WHERE m.is_stale AND m.window_end <= $1 AND (m.window_end, m.sensor_id, m.period) > ($4, $5, $6)
            AND NOT EXISTS (
                SELECT FROM windows AS w
                WHERE NOT m.is_chained AND m.window_end > $3 AND w.sensor_id = m.sensor_id AND w.period = m.pane
                    AND w.window_start >= m.window_start AND w.window_start < m.window_end AND NOT w.is_final
                OFFSET 0)
            AND NOT EXISTS (
                SELECT FROM merged_windows AS p
                WHERE m.is_chained AND p.sensor_id = m.sensor_id AND p.period = m.pane
                    AND p.window_start >= m.window_start AND p.window_start < m.window_end
                    AND (p.is_stale OR (NOT p.is_final AND m.window_end > $3))
                OFFSET 0)
        ORDER BY m.window_end, m.sensor_id, m.period
        LIMIT $2
        """;

    public const string Merged =
        """
        WITH life AS MATERIALIZED (SELECT store_life() AS id)
        SELECT m.sensor_id, m.period, m.window_start, m.pane, m.is_chained, m.token, id
        FROM unnest($1, $2, $3) AS k (sensor_id, period, window_start)
        JOIN merged_windows AS m USING (sensor_id, period, window_start)
        CROSS JOIN life
        WHERE m.is_final AND NOT m.is_stale AND NOT EXISTS (
            SELECT FROM merged_windows AS p
            WHERE m.is_chained AND p.sensor_id = m.sensor_id AND p.period = m.pane
                AND p.window_start >= m.window_start AND p.window_start < m.window_end AND p.is_stale
            OFFSET 0)
        """;

    public const string StreamTime =
        "SELECT min(stream_time) FROM checkpoints WHERE updated_at >= $1 AND open_from IS NOT NULL HAVING count(*) > 0";

    public const string Panes =
        $"""
        SELECT {PaneColumns}, s.metrics, s.sketches, {EdgeColumns.Columns}
        FROM {PaneKeys}
        CROSS JOIN LATERAL (SELECT * FROM windows AS w WHERE {PaneRange} OFFSET 0) AS w
        {PostgresWindowRows.JoinSketches}
        """;

    public const string MergedPanes =
        $"""
        SELECT {PaneColumns}, w.metrics, w.sketches, null::double precision[]
        FROM {PaneKeys}
        CROSS JOIN LATERAL (SELECT * FROM merged_windows AS w WHERE {PaneRange} OFFSET 0) AS w
        """;

    // Edges that were unknown may be known now; that is no change of the window.
    private const string IsOther =
        "(m.metrics, m.statistics[:][1:6]) IS DISTINCT FROM (k.metrics, k.statistics[:][1:6])";

    public const string Merge =
        $"""
        WITH life AS MATERIALIZED (SELECT store_life() AS id)
        UPDATE merged_windows AS m
        SET metrics = k.metrics, statistics = k.statistics, token = k.token, is_final = true, is_stale = false, updated_at = $14,
            revision = m.revision + (m.is_final AND {IsOther})::int, is_due = m.is_due OR NOT m.is_final OR {IsOther},
            latest_at = k.latest_at, latest_partition = k.latest_partition, latest_offset = k.latest_offset,
            latest_index = k.latest_index, sketches = k.sketches
        FROM (
            SELECT *, $4[first:last] AS metrics, $5[first:last][1:10] AS statistics, $16[first:last] AS sketches
            FROM unnest($1, $2, $3, $6, $7, $8, $9, $10, $11, $12, $13, $15) WITH ORDINALITY AS k (
                sensor_id, period, window_start, first, last, expected, token, latest_at, latest_partition, latest_offset, latest_index,
                life, position)) AS k
        JOIN life ON life.id = k.life
        WHERE m.sensor_id = k.sensor_id AND m.period = k.period AND m.window_start = k.window_start AND m.token = k.expected
        RETURNING k.position
        """;

    public const string Due = $"SELECT {Columns} FROM merged_windows AS m WHERE m.is_due ORDER BY m.window_end LIMIT $1";

    public const string Announced =
        """
        UPDATE merged_windows AS m SET is_due = false
        FROM unnest($1, $2, $3, $4) AS k (sensor_id, period, window_start, token)
        WHERE m.sensor_id = k.sensor_id AND m.period = k.period AND m.window_start = k.window_start AND m.token = k.token
        RETURNING m.sensor_id
        """;

    public const string ByWindow =
        $"""
        SELECT {Columns}
        FROM unnest($1, $2, $3) AS k (sensor_id, period, window_start)
        JOIN merged_windows AS m USING (sensor_id, period, window_start)
        """;

    public const string InRange =
        $"""
        SELECT {Columns}
        FROM merged_windows AS m
        WHERE m.period = $1 AND m.window_start >= $2 AND m.window_start < $3 AND m.is_final AND ($4 IS NULL OR m.sensor_id = ANY ($4))
        ORDER BY m.sensor_id, m.window_start
        """;
}
