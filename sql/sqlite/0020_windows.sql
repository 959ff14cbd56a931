-- oldest-program: 0.2.0
-- Windows by sensor, period and start. Each has a row for each measurement with the marks, token, revision and flags of the window;
-- the rows of a window are written together. A program of version 0.1 cannot write the view of the old name.
CREATE TABLE windows (
    sensor_id    INTEGER NOT NULL,
    metric       TEXT    NOT NULL,
    window_start INTEGER NOT NULL,
    window_end   INTEGER NOT NULL,
    sample_count INTEGER NOT NULL,
    mean         REAL,
    m2           REAL,
    min          REAL    NOT NULL,
    max          REAL    NOT NULL,
    marks        BLOB    NOT NULL,
    token        INTEGER NOT NULL,
    revision     INTEGER NOT NULL,
    is_final     INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    corrected_by TEXT,
    period       TEXT    NOT NULL,
    is_due       INTEGER NOT NULL,
    PRIMARY KEY (window_start, period, sensor_id, metric)
) WITHOUT ROWID;

-- The rows of a window had tokens of their own. Marks may differ: the last offset of each source counts.
INSERT INTO windows
SELECT sensor_id, metric, window_start, window_end, sample_count, mean, m2, min, max, marks, min(token) OVER w, max(revision) OVER w,
    min(is_final) OVER w, updated_at, corrected_by,
    'P' || iif(seconds >= 86400, (seconds / 86400) || 'D', '')
        || iif(seconds % 86400 > 0, 'T', '')
        || iif(seconds % 86400 >= 3600, (seconds % 86400 / 3600) || 'H', '')
        || iif(seconds % 3600 >= 60, (seconds % 3600 / 60) || 'M', '')
        || iif(seconds % 60 > 0, (seconds % 60) || 'S', ''),
    0
FROM (SELECT *, (window_end - window_start) / 1000000 AS seconds FROM sensor_windows)
WINDOW w AS (PARTITION BY window_start, window_end, sensor_id);

DROP TABLE sensor_windows;

CREATE VIEW sensor_windows AS
SELECT sensor_id, metric, window_start, window_end, sample_count, mean, m2, min, max, marks, token, revision, is_final, updated_at,
    corrected_by, period
FROM windows;

DROP VIEW sensor_hours;
DROP VIEW sensor_days;

-- Hours and days, as in PostgreSQL: weighted means, pooled variances, and a row without values for each gap.
CREATE VIEW sensor_hours AS
WITH RECURSIVE rows AS (
    SELECT w.sensor_id, w.metric, w.sample_count, w.mean, w.m2, w.min, w.max, p.length,
        w.window_start - ((w.window_start % 3600000000) + 3600000000) % 3600000000 AS hour
    FROM sensor_windows AS w
    CROSS JOIN window_period AS p
    WHERE w.period = p.period AND p.length <= 3600000000
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
    SELECT w.sensor_id, w.metric, w.sample_count, w.mean, w.m2, w.min, w.max, p.length,
        w.window_start - ((w.window_start % 86400000000) + 86400000000) % 86400000000 AS day
    FROM sensor_windows AS w
    CROSS JOIN window_period AS p
    WHERE w.period = p.period AND p.length <= 86400000000
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
