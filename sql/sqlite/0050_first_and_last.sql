-- oldest-program: 0.2.0
-- The first and the last value of each measurement, with their times; null: not known. The token says which write they belong to: a
-- program that does not know them writes the row without them. In merged windows they follow the other statistics: the time of the first
-- value, the value, and those of the last one.
ALTER TABLE windows ADD COLUMN edges_token INTEGER;
ALTER TABLE windows ADD COLUMN edge_first REAL;
ALTER TABLE windows ADD COLUMN edge_first_at INTEGER;
ALTER TABLE windows ADD COLUMN edge_last REAL;
ALTER TABLE windows ADD COLUMN edge_last_at INTEGER;

DROP VIEW sensor_windows;

CREATE VIEW sensor_windows AS
SELECT sensor_id, metric, window_start, window_end, sample_count, mean, m2, min, max, marks, token, revision, is_final, updated_at,
    corrected_by, period, sample_count * mean AS sum, iif(edges_token = token, edge_first, NULL) AS first,
    iif(edges_token = token, edge_first_at, NULL) AS first_at, iif(edges_token = token, edge_last, NULL) AS last,
    iif(edges_token = token, edge_last_at, NULL) AS last_at
FROM windows;

DROP VIEW longer_windows;

CREATE VIEW longer_windows AS
WITH RECURSIVE sources AS (
    SELECT sensor_id, period, window_start, window_end, revision, updated_at, pane AS own_pane, pane, is_chained, window_start AS low,
        window_end AS high
    FROM merged_windows
    WHERE NOT is_final
    UNION ALL
    SELECT s.sensor_id, s.period, s.window_start, s.window_end, s.revision, s.updated_at, s.own_pane, n.pane, n.is_chained,
        n.window_start, n.window_end
    FROM sources AS s
    JOIN merged_windows AS n ON s.is_chained AND n.sensor_id = s.sensor_id AND n.period = s.pane
        AND n.window_start >= s.low AND n.window_start < s.high AND NOT n.is_final
),
panes AS (
    SELECT s.sensor_id, s.period, s.window_start, s.window_end, s.revision, s.updated_at, s.own_pane, w.metric, w.sample_count AS n, w.mean,
        w.m2, w.min, w.max, iif(w.edges_token = w.token, w.edge_first, NULL) AS first, w.edge_first_at AS first_at,
        iif(w.edges_token = w.token, w.edge_last, NULL) AS last, w.edge_last_at AS last_at
    FROM sources AS s
    JOIN windows AS w ON NOT s.is_chained AND w.sensor_id = s.sensor_id AND w.period = s.pane
        AND w.window_start >= s.low AND w.window_start < s.high AND w.sample_count > 0
    UNION ALL
    SELECT s.sensor_id, s.period, s.window_start, s.window_end, s.revision, s.updated_at, s.own_pane, j.key, j.value ->> 0,
        CAST(j.value ->> 1 AS REAL), CAST(j.value ->> 2 AS REAL), CAST(j.value ->> 3 AS REAL), CAST(j.value ->> 4 AS REAL),
        CAST(nullif(j.value ->> 7, 'NaN') AS REAL), CAST(j.value ->> 6 AS INTEGER), CAST(nullif(j.value ->> 9, 'NaN') AS REAL),
        CAST(j.value ->> 8 AS INTEGER)
    FROM sources AS s
    JOIN merged_windows AS n ON s.is_chained AND n.sensor_id = s.sensor_id AND n.period = s.pane
        AND n.window_start >= s.low AND n.window_start < s.high AND n.is_final
    JOIN json_each(n.statistics) AS j
),
edges AS (
    SELECT *, first_value(first) OVER (PARTITION BY sensor_id, period, window_start, metric ORDER BY first_at, first) AS whole_first,
        first_value(last) OVER (PARTITION BY sensor_id, period, window_start, metric ORDER BY last_at DESC, last DESC) AS whole_last
    FROM panes
),
means AS (
    SELECT sensor_id, period, window_start, metric, sum(n * mean) / sum(n) AS mean
    FROM panes
    GROUP BY sensor_id, period, window_start, metric
)
SELECT m.sensor_id, j.key AS metric, m.window_start, m.window_end, CAST(j.value ->> 0 AS INTEGER) AS sample_count,
    CAST(j.value ->> 1 AS REAL) AS mean, CAST(j.value ->> 2 AS REAL) AS m2, CAST(j.value ->> 3 AS REAL) AS min,
    CAST(j.value ->> 4 AS REAL) AS max, m.revision, m.is_final, m.updated_at, m.period, m.pane,
    (j.value ->> 0) * CAST(j.value ->> 1 AS REAL) AS sum, CAST(nullif(j.value ->> 7, 'NaN') AS REAL) AS first,
    iif(j.value ->> 7 <> 'NaN', CAST(j.value ->> 6 AS INTEGER), NULL) AS first_at, CAST(nullif(j.value ->> 9, 'NaN') AS REAL) AS last,
    iif(j.value ->> 9 <> 'NaN', CAST(j.value ->> 8 AS INTEGER), NULL) AS last_at
FROM merged_windows AS m
JOIN json_each(m.statistics) AS j
WHERE m.is_final
UNION ALL
SELECT p.sensor_id, p.metric, p.window_start, p.window_end, CAST(sum(p.n) AS INTEGER), m.mean,
    sum(p.m2 + p.n * (p.mean - m.mean) * (p.mean - m.mean)), min(p.min), max(p.max), p.revision, 0, p.updated_at, p.period, p.own_pane,
    sum(p.n) * m.mean, iif(count(p.first) = count(*), min(p.whole_first), NULL), iif(count(p.first) = count(*), min(p.first_at), NULL),
    iif(count(p.last) = count(*), min(p.whole_last), NULL), iif(count(p.last) = count(*), max(p.last_at), NULL)
FROM edges AS p
JOIN means AS m USING (sensor_id, period, window_start, metric)
GROUP BY p.sensor_id, p.period, p.window_start, p.metric;
