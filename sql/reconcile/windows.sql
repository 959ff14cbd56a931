-- Computes the windows of one measurement from readings. Every engine that recomputes windows uses this definition and fills
-- in the parameters between braces. The SQL is portable: standard aggregates.
--
--   {measurement}    name of the measurement, a quoted text
--   {values}         the statement of its values: values.sql
SELECT
    sensor_id,
    {measurement} AS metric,
    window_start,
    count(value) AS sample_count,
    min(value) AS min,
    max(value) AS max,
    avg(value) AS mean,
    var_pop(value) AS variance
FROM (
    {values}
) AS timed
GROUP BY sensor_id, window_start
