-- Computes the percentiles of the windows of one measurement from its values. Every engine that recomputes windows uses this definition
-- and fills in the parameters between braces. A percentile of n values is the one at place floor(q (n - 1)) of their order, counted
-- from 0, as the quantiles of a sketch are. The SQL is portable: integer arithmetic, in percent, and standard window functions.
--
--   {measurement}    name of the measurement, a quoted text
--   {values}         the statement of its values: values.sql
SELECT
    sensor_id,
    {measurement} AS metric,
    window_start,
    max(CASE WHEN 100 * place BETWEEN 10 * last_place - 99 AND 10 * last_place THEN value END) AS p10,
    max(CASE WHEN 100 * place BETWEEN 50 * last_place - 99 AND 50 * last_place THEN value END) AS p50,
    max(CASE WHEN 100 * place BETWEEN 90 * last_place - 99 AND 90 * last_place THEN value END) AS p90,
    max(CASE WHEN 100 * place BETWEEN 95 * last_place - 99 AND 95 * last_place THEN value END) AS p95,
    max(CASE WHEN 100 * place BETWEEN 99 * last_place - 99 AND 99 * last_place THEN value END) AS p99
FROM (
    SELECT
        sensor_id,
        window_start,
        value,
        row_number() OVER (PARTITION BY sensor_id, window_start ORDER BY value) - 1 AS place,
        count(*) OVER (PARTITION BY sensor_id, window_start) - 1 AS last_place
    FROM (
        {values}
    ) AS timed
) AS ranked
GROUP BY sensor_id, window_start
