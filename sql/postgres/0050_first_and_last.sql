-- oldest-program: 0.2.0
-- The first and the last value of each measurement, with their times. Measurements of a row mostly have the same times, which are stored
-- once then. The token says which write they belong to: a program that does not know them writes the row without them.
ALTER TABLE windows
    ADD COLUMN edges_token bigint, ADD COLUMN edge_times bigint[], ADD COLUMN edges double precision[];

COMMENT ON COLUMN windows.edges IS 'The last value of each measurement, then the first ones; NaN: not known; null: none is known';
COMMENT ON COLUMN windows.edge_times IS
    'Their times, µs since 1970; one row for all measurements, or one for each. If one value counts for each step, starts of steps';
COMMENT ON COLUMN windows.edges_token IS 'The token that the row had when they were written; they belong to no other';
COMMENT ON COLUMN merged_windows.statistics IS
    'For each measurement as in the table windows, then the time of the first value, µs since 1970, the value, and those of the last one';

-- The time of a value; null: the value is not known.
CREATE FUNCTION edge_time(edge double precision, micros double precision) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN edge <> 'NaN' THEN (timestamp '1970-01-01' + micros * interval '1 microsecond') AT TIME ZONE 'UTC' END;

CREATE OR REPLACE VIEW sensor_windows AS
SELECT w.sensor_id, m.metric, w.window_start, w.window_end, w.statistics[m.n][1]::bigint AS sample_count, w.statistics[m.n][2] AS mean,
    w.statistics[m.n][3] AS m2, w.statistics[m.n][4] AS min, w.statistics[m.n][5] AS max, w.marks, w.token, w.revision, w.is_final,
    w.updated_at, w.corrected_by, w.period, w.statistics[m.n][1] * w.statistics[m.n][2] AS sum,
    e.first, edge_time(e.first, w.edge_times[e.n][1]) AS first_at, e.last, edge_time(e.last, w.edge_times[e.n][2]) AS last_at
FROM windows AS w
CROSS JOIN LATERAL unnest(w.metrics) WITH ORDINALITY AS m (metric, n)
CROSS JOIN LATERAL (
    SELECT least(m.n, array_length(w.edge_times, 1)) AS n,
        CASE WHEN w.edges_token = w.token THEN nullif(w.edges[2][m.n], 'NaN') END AS first,
        CASE WHEN w.edges_token = w.token THEN nullif(w.edges[1][m.n], 'NaN') END AS last) AS e;

CREATE OR REPLACE VIEW sensor_windows_named AS
SELECT CASE WHEN w.sensor_id >= 0 THEN w.sensor_id::text ELSE coalesce(n.name, 'unnamed') END AS sensor, w.*
FROM sensor_windows AS w
LEFT JOIN sensor_names AS n ON n.number = w.sensor_id;

CREATE OR REPLACE VIEW longer_windows AS
SELECT m.sensor_id, s.metric, m.window_start, m.window_end, m.statistics[s.n][1]::bigint AS sample_count, m.statistics[s.n][2] AS mean,
    m.statistics[s.n][3] AS m2, m.statistics[s.n][4] AS min, m.statistics[s.n][5] AS max, m.revision, m.is_final, m.updated_at, m.period,
    m.pane, m.statistics[s.n][1] * m.statistics[s.n][2] AS sum,
    nullif(m.statistics[s.n][8], 'NaN') AS first, edge_time(m.statistics[s.n][8], m.statistics[s.n][7]) AS first_at,
    nullif(m.statistics[s.n][10], 'NaN') AS last, edge_time(m.statistics[s.n][10], m.statistics[s.n][9]) AS last_at
FROM merged_windows AS m
CROSS JOIN LATERAL unnest(m.metrics) WITH ORDINALITY AS s (metric, n)
WHERE m.is_final
UNION ALL
SELECT m.sensor_id, s.metric, m.window_start, m.window_end, s.sample_count, s.mean, s.m2, s.min, s.max, m.revision, m.is_final,
    m.updated_at, m.period, m.pane, s.sample_count * s.mean, s.first, s.first_at, s.last, s.last_at
FROM merged_windows AS m
CROSS JOIN LATERAL (
    WITH RECURSIVE sources AS (
        SELECT m.pane, m.is_chained, m.window_start AS low, m.window_end AS high
        UNION ALL
        SELECT n.pane, n.is_chained, n.window_start, n.window_end
        FROM sources AS s
        JOIN merged_windows AS n ON s.is_chained AND n.sensor_id = m.sensor_id AND n.period = s.pane
            AND n.window_start >= s.low AND n.window_start < s.high AND NOT n.is_final
    ),
    panes AS (
        SELECT w.metric, w.sample_count AS n, w.mean, w.m2, w.min, w.max, w.first, w.first_at, w.last, w.last_at
        FROM sources AS s
        JOIN sensor_windows AS w ON NOT s.is_chained AND w.sensor_id = m.sensor_id AND w.period = s.pane
            AND w.window_start >= s.low AND w.window_start < s.high AND w.sample_count > 0
        UNION ALL
        SELECT u.metric, n.statistics[u.n][1], n.statistics[u.n][2], n.statistics[u.n][3], n.statistics[u.n][4], n.statistics[u.n][5],
            nullif(n.statistics[u.n][8], 'NaN'), edge_time(n.statistics[u.n][8], n.statistics[u.n][7]),
            nullif(n.statistics[u.n][10], 'NaN'), edge_time(n.statistics[u.n][10], n.statistics[u.n][9])
        FROM sources AS s
        JOIN merged_windows AS n ON s.is_chained AND n.sensor_id = m.sensor_id AND n.period = s.pane
            AND n.window_start >= s.low AND n.window_start < s.high AND n.is_final
        CROSS JOIN LATERAL unnest(n.metrics) WITH ORDINALITY AS u (metric, n)
        WHERE n.statistics[u.n][1] > 0
    ),
    rows AS (
        SELECT *, sum(n * mean) OVER (PARTITION BY metric) / sum(n) OVER (PARTITION BY metric) AS total_mean
        FROM panes
    )
    SELECT metric, sum(n)::bigint AS sample_count, total_mean AS mean,
        sum(m2 + n * CASE WHEN abs(mean - total_mean) < 1e-150 THEN 0 ELSE (mean - total_mean) ^ 2 END) AS m2,
        min(min) AS min, max(max) AS max,
        CASE WHEN count(first) = count(*) THEN (array_agg(first ORDER BY first_at, first))[1] END AS first,
        CASE WHEN count(first) = count(*) THEN min(first_at) END AS first_at,
        CASE WHEN count(last) = count(*) THEN (array_agg(last ORDER BY last_at DESC, last DESC))[1] END AS last,
        CASE WHEN count(last) = count(*) THEN max(last_at) END AS last_at
    FROM rows
    GROUP BY metric, total_mean) AS s
WHERE NOT m.is_final;
