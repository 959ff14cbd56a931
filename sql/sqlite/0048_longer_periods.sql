-- oldest-program: 0.2.0
-- Longer periods: which of them are merged, from which panes and from when on; what readers see of them. A window that is not final is
-- merged when it is read: from its panes, and from those of panes that are not final themselves. JSON has 21.0 as the integer 21.
CREATE TABLE merged_periods (
    period      TEXT    NOT NULL,
    source      TEXT    NOT NULL,
    is_chained  INTEGER NOT NULL,
    first_start INTEGER NOT NULL,
    end_start   INTEGER,
    panes_from  INTEGER NOT NULL DEFAULT (-9223372036854775808),
    retention   INTEGER,
    removed_at  INTEGER,
    PRIMARY KEY (period, source, is_chained)
) WITHOUT ROWID;

ALTER TABLE merged_windows ADD COLUMN is_chained INTEGER NOT NULL DEFAULT 0;
ALTER TABLE merged_windows ADD COLUMN is_due INTEGER NOT NULL DEFAULT 0;
DROP INDEX merged_windows_stale;
CREATE INDEX merged_windows_stale ON merged_windows (window_end, sensor_id, period) WHERE is_stale;
CREATE INDEX merged_windows_due ON merged_windows (window_end) WHERE is_due;

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
        w.m2, w.min, w.max
    FROM sources AS s
    JOIN windows AS w ON NOT s.is_chained AND w.sensor_id = s.sensor_id AND w.period = s.pane
        AND w.window_start >= s.low AND w.window_start < s.high AND w.sample_count > 0
    UNION ALL
    SELECT s.sensor_id, s.period, s.window_start, s.window_end, s.revision, s.updated_at, s.own_pane, j.key, j.value ->> 0,
        CAST(j.value ->> 1 AS REAL), CAST(j.value ->> 2 AS REAL), CAST(j.value ->> 3 AS REAL), CAST(j.value ->> 4 AS REAL)
    FROM sources AS s
    JOIN merged_windows AS n ON s.is_chained AND n.sensor_id = s.sensor_id AND n.period = s.pane
        AND n.window_start >= s.low AND n.window_start < s.high AND n.is_final
    JOIN json_each(n.statistics) AS j
),
means AS (
    SELECT sensor_id, period, window_start, metric, sum(n * mean) / sum(n) AS mean
    FROM panes
    GROUP BY sensor_id, period, window_start, metric
)
SELECT m.sensor_id, j.key AS metric, m.window_start, m.window_end, CAST(j.value ->> 0 AS INTEGER) AS sample_count,
    CAST(j.value ->> 1 AS REAL) AS mean, CAST(j.value ->> 2 AS REAL) AS m2, CAST(j.value ->> 3 AS REAL) AS min,
    CAST(j.value ->> 4 AS REAL) AS max, m.revision, m.is_final, m.updated_at, m.period, m.pane
FROM merged_windows AS m
JOIN json_each(m.statistics) AS j
WHERE m.is_final
UNION ALL
SELECT p.sensor_id, p.metric, p.window_start, p.window_end, CAST(sum(p.n) AS INTEGER), m.mean,
    sum(p.m2 + p.n * (p.mean - m.mean) * (p.mean - m.mean)), min(p.min), max(p.max), p.revision, 0, p.updated_at, p.period, p.own_pane
FROM panes AS p
JOIN means AS m USING (sensor_id, period, window_start, metric)
GROUP BY p.sensor_id, p.period, p.window_start, p.metric;

-- A merged window stands before one that was counted: it begins after the change to several periods.
CREATE VIEW contract_windows AS
SELECT w.sensor_id, w.metric, w.window_start, w.window_end, w.sample_count, w.mean, w.m2, w.min, w.max, w.revision, w.is_final, p.length
FROM sensor_windows AS w
CROSS JOIN window_period AS p
WHERE w.period = p.period AND NOT EXISTS (
    SELECT 1 FROM merged_windows AS m
    WHERE m.window_start = w.window_start AND m.period = w.period AND m.sensor_id = w.sensor_id)
UNION ALL
SELECT l.sensor_id, l.metric, l.window_start, l.window_end, l.sample_count, l.mean, l.m2, l.min, l.max, l.revision, l.is_final, p.length
FROM longer_windows AS l
CROSS JOIN window_period AS p
WHERE l.period = p.period;

CREATE VIEW contract_windows_named AS
SELECT CASE WHEN w.sensor_id >= 0 THEN CAST(w.sensor_id AS TEXT) ELSE coalesce(n.name, 'unnamed') END AS sensor, w.*
FROM contract_windows AS w
LEFT JOIN sensor_names AS n ON n.number = w.sensor_id;

DROP VIEW sensor_hours;
DROP VIEW sensor_days;

-- Hours and days, as in PostgreSQL: weighted means, pooled variances, and a row without values for each gap.
CREATE VIEW sensor_hours AS
WITH RECURSIVE rows AS (
    SELECT w.sensor_id, w.metric, w.sample_count, w.mean, w.m2, w.min, w.max, w.length,
        w.window_start - ((w.window_start % 3600000000) + 3600000000) % 3600000000 AS hour
    FROM contract_windows AS w
    WHERE w.length <= 3600000000
),
means AS (
    SELECT sensor_id, metric, hour, sum(sample_count * mean) / sum(sample_count) AS mean
    FROM rows
    GROUP BY sensor_id, metric, hour
),
merged AS MATERIALIZED (
    SELECT r.sensor_id, r.metric, r.hour, sum(r.sample_count) AS sample_count, m.mean,
        sqrt(sum(r.m2 + r.sample_count * (r.mean - m.mean) * (r.mean - m.mean)) / sum(r.sample_count)) AS stddev,
        min(r.min) AS min, max(r.max) AS max, count(*) AS windows,
        min(1.0, 1.0 * count(*) * r.length / 3600000000) AS coverage
    FROM rows AS r
    JOIN means AS m USING (sensor_id, metric, hour)
    GROUP BY r.sensor_id, r.metric, r.hour
),
spans AS (
    SELECT sensor_id, metric, min(hour) AS hour, max(hour) AS last
    FROM merged
    GROUP BY sensor_id, metric
    UNION ALL
    SELECT sensor_id, metric, hour + 3600000000, last
    FROM spans
    WHERE hour < last
)
SELECT s.sensor_id, s.metric, strftime('%Y-%m-%d %H:%M:%S', s.hour / 1000000, 'unixepoch') AS hour,
    coalesce(m.sample_count, 0) AS sample_count,
    m.mean, m.stddev, m.min, m.max, coalesce(m.windows, 0) AS windows, coalesce(m.coverage, 0.0) AS coverage
FROM spans AS s
LEFT JOIN merged AS m USING (sensor_id, metric, hour);

CREATE VIEW sensor_days AS
WITH RECURSIVE rows AS (
    SELECT w.sensor_id, w.metric, w.sample_count, w.mean, w.m2, w.min, w.max, w.length,
        w.window_start - ((w.window_start % 86400000000) + 86400000000) % 86400000000 AS day
    FROM contract_windows AS w
    WHERE w.length <= 86400000000
),
means AS (
    SELECT sensor_id, metric, day, sum(sample_count * mean) / sum(sample_count) AS mean
    FROM rows
    GROUP BY sensor_id, metric, day
),
merged AS MATERIALIZED (
    SELECT r.sensor_id, r.metric, r.day, sum(r.sample_count) AS sample_count, m.mean,
        sqrt(sum(r.m2 + r.sample_count * (r.mean - m.mean) * (r.mean - m.mean)) / sum(r.sample_count)) AS stddev,
        min(r.min) AS min, max(r.max) AS max, count(*) AS windows,
        min(1.0, 1.0 * count(*) * r.length / 86400000000) AS coverage
    FROM rows AS r
    JOIN means AS m USING (sensor_id, metric, day)
    GROUP BY r.sensor_id, r.metric, r.day
),
spans AS (
    SELECT sensor_id, metric, min(day) AS day, max(day) AS last
    FROM merged
    GROUP BY sensor_id, metric
    UNION ALL
    SELECT sensor_id, metric, day + 86400000000, last
    FROM spans
    WHERE day < last
)
SELECT s.sensor_id, s.metric, strftime('%Y-%m-%d %H:%M:%S', s.day / 1000000, 'unixepoch') AS day,
    coalesce(m.sample_count, 0) AS sample_count,
    m.mean, m.stddev, m.min, m.max, coalesce(m.windows, 0) AS windows, coalesce(m.coverage, 0.0) AS coverage
FROM spans AS s
LEFT JOIN merged AS m USING (sensor_id, metric, day);
