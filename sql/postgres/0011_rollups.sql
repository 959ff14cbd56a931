-- oldest-program: 0.1.0
-- Hours and days, pooled from the windows of the configured period. Means are weighted by their readings; the variance includes
-- that within and that between windows. The views have a row for each hour (day) from the first to the last of a measurement.
-- An hour (day) without a window has no readings, no values and coverage 0.
CREATE VIEW sensor_hours AS
WITH rows AS (
    SELECT w.sensor_id, w.metric, w.sample_count, w.mean, w.m2, w.min, w.max, p.length,
        date_trunc('hour', w.window_start AT TIME ZONE 'UTC') AS hour
    FROM sensor_windows AS w
    CROSS JOIN window_period AS p
    WHERE w.window_end - w.window_start = p.length AND p.length <= interval '1 hour'
),
means AS (
    SELECT sensor_id, metric, hour, sum(sample_count * mean) / sum(sample_count) AS mean
    FROM rows
    GROUP BY sensor_id, metric, hour
),
merged AS (
    SELECT r.sensor_id, r.metric, r.hour, sum(r.sample_count)::bigint AS sample_count, m.mean,
        sqrt(sum(r.m2 + r.sample_count * (r.mean - m.mean) ^ 2) / sum(r.sample_count)) AS stddev,
        min(r.min) AS min, max(r.max) AS max, count(*) AS windows,
        least(1, count(*) * extract(epoch FROM min(r.length)) / extract(epoch FROM interval '1 hour'))::double precision AS coverage
    FROM rows AS r
    JOIN means AS m USING (sensor_id, metric, hour)
    GROUP BY r.sensor_id, r.metric, r.hour, m.mean
),
spans AS (
    SELECT sensor_id, metric, generate_series(min(hour), max(hour), interval '1 hour') AS hour
    FROM merged
    GROUP BY sensor_id, metric
)
SELECT s.sensor_id, s.metric, s.hour AT TIME ZONE 'UTC' AS hour, coalesce(m.sample_count, 0) AS sample_count,
    m.mean, m.stddev, m.min, m.max, coalesce(m.windows, 0) AS windows, coalesce(m.coverage, 0) AS coverage
FROM spans AS s
LEFT JOIN merged AS m USING (sensor_id, metric, hour);

COMMENT ON VIEW sensor_hours IS
    'Windows of the configured period, pooled by UTC hour; stddev: population; coverage: part of the hour with windows';

CREATE VIEW sensor_days AS
WITH rows AS (
    SELECT w.sensor_id, w.metric, w.sample_count, w.mean, w.m2, w.min, w.max, p.length,
        date_trunc('day', w.window_start AT TIME ZONE 'UTC') AS day
    FROM sensor_windows AS w
    CROSS JOIN window_period AS p
    WHERE w.window_end - w.window_start = p.length AND p.length <= interval '1 day'
),
means AS (
    SELECT sensor_id, metric, day, sum(sample_count * mean) / sum(sample_count) AS mean
    FROM rows
    GROUP BY sensor_id, metric, day
),
merged AS (
    SELECT r.sensor_id, r.metric, r.day, sum(r.sample_count)::bigint AS sample_count, m.mean,
        sqrt(sum(r.m2 + r.sample_count * (r.mean - m.mean) ^ 2) / sum(r.sample_count)) AS stddev,
        min(r.min) AS min, max(r.max) AS max, count(*) AS windows,
        least(1, count(*) * extract(epoch FROM min(r.length)) / extract(epoch FROM interval '1 day'))::double precision AS coverage
    FROM rows AS r
    JOIN means AS m USING (sensor_id, metric, day)
    GROUP BY r.sensor_id, r.metric, r.day, m.mean
),
spans AS (
    SELECT sensor_id, metric, generate_series(min(day), max(day), interval '1 day') AS day
    FROM merged
    GROUP BY sensor_id, metric
)
SELECT s.sensor_id, s.metric, s.day AT TIME ZONE 'UTC' AS day, coalesce(m.sample_count, 0) AS sample_count,
    m.mean, m.stddev, m.min, m.max, coalesce(m.windows, 0) AS windows, coalesce(m.coverage, 0) AS coverage
FROM spans AS s
LEFT JOIN merged AS m USING (sensor_id, metric, day);

COMMENT ON VIEW sensor_days IS
    'Windows of the configured period, pooled by UTC day; stddev: population; coverage: part of the day with windows';
