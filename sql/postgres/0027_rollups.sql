-- oldest-program: 0.2.0
-- The views of hours and days read the windows once, so that a condition on the sensor or the measurement limits what they read.
-- Their rows are the same: s has the hours (days) from one with windows up to the next one.
CREATE OR REPLACE VIEW sensor_hours AS
SELECT m.sensor_id, m.metric, s.hour AT TIME ZONE 'UTC' AS hour,
    CASE WHEN s.hour = m.hour THEN m.sample_count ELSE 0 END AS sample_count,
    CASE WHEN s.hour = m.hour THEN m.mean END AS mean,
    CASE WHEN s.hour = m.hour THEN m.stddev END AS stddev,
    CASE WHEN s.hour = m.hour THEN m.min END AS min,
    CASE WHEN s.hour = m.hour THEN m.max END AS max,
    CASE WHEN s.hour = m.hour THEN m.windows ELSE 0 END AS windows,
    CASE WHEN s.hour = m.hour THEN m.coverage ELSE 0 END AS coverage
FROM (
    SELECT sensor_id, metric, hour, sum(sample_count)::bigint AS sample_count, hour_mean AS mean,
        sqrt(sum(m2 + sample_count * (mean - hour_mean) ^ 2) / sum(sample_count)) AS stddev,
        min(min) AS min, max(max) AS max, count(*) AS windows,
        least(1, count(*) * extract(epoch FROM min(length)) / extract(epoch FROM interval '1 hour'))::double precision AS coverage,
        lead(hour) OVER (PARTITION BY sensor_id, metric ORDER BY hour) AS next
    FROM (
        SELECT *, sum(sample_count * mean) OVER (PARTITION BY sensor_id, metric, hour)
            / sum(sample_count) OVER (PARTITION BY sensor_id, metric, hour) AS hour_mean
        FROM (
            SELECT w.sensor_id, w.metric, w.sample_count, w.mean, w.m2, w.min, w.max, p.length,
                date_trunc('hour', w.window_start AT TIME ZONE 'UTC') AS hour
            FROM sensor_windows AS w
            CROSS JOIN window_period AS p
            WHERE w.period = p.period AND p.length <= interval '1 hour'
        ) AS windows
    ) AS windows
    GROUP BY sensor_id, metric, hour, hour_mean
) AS m
CROSS JOIN LATERAL generate_series(m.hour, coalesce(m.next - interval '1 hour', m.hour), interval '1 hour') AS s (hour);

CREATE OR REPLACE VIEW sensor_days AS
SELECT m.sensor_id, m.metric, s.day AT TIME ZONE 'UTC' AS day,
    CASE WHEN s.day = m.day THEN m.sample_count ELSE 0 END AS sample_count,
    CASE WHEN s.day = m.day THEN m.mean END AS mean,
    CASE WHEN s.day = m.day THEN m.stddev END AS stddev,
    CASE WHEN s.day = m.day THEN m.min END AS min,
    CASE WHEN s.day = m.day THEN m.max END AS max,
    CASE WHEN s.day = m.day THEN m.windows ELSE 0 END AS windows,
    CASE WHEN s.day = m.day THEN m.coverage ELSE 0 END AS coverage
FROM (
    SELECT sensor_id, metric, day, sum(sample_count)::bigint AS sample_count, day_mean AS mean,
        sqrt(sum(m2 + sample_count * (mean - day_mean) ^ 2) / sum(sample_count)) AS stddev,
        min(min) AS min, max(max) AS max, count(*) AS windows,
        least(1, count(*) * extract(epoch FROM min(length)) / extract(epoch FROM interval '1 day'))::double precision AS coverage,
        lead(day) OVER (PARTITION BY sensor_id, metric ORDER BY day) AS next
    FROM (
        SELECT *, sum(sample_count * mean) OVER (PARTITION BY sensor_id, metric, day)
            / sum(sample_count) OVER (PARTITION BY sensor_id, metric, day) AS day_mean
        FROM (
            SELECT w.sensor_id, w.metric, w.sample_count, w.mean, w.m2, w.min, w.max, p.length,
                date_trunc('day', w.window_start AT TIME ZONE 'UTC') AS day
            FROM sensor_windows AS w
            CROSS JOIN window_period AS p
            WHERE w.period = p.period AND p.length <= interval '1 day'
        ) AS windows
    ) AS windows
    GROUP BY sensor_id, metric, day, day_mean
) AS m
CROSS JOIN LATERAL generate_series(m.day, coalesce(m.next - interval '1 day', m.day), interval '1 day') AS s (day);
