-- The windows of one measurement, out of readings: the one definition, for every engine that recomputes them. What stands
-- between braces is filled in by who runs it; all of it are whole numbers, but for the measurement, which is a quoted text,
-- and the column of "readings" that holds it. Portable SQL: integer arithmetic and standard aggregates.
--
--   {period}         length of the windows in µs
--   {from}, {to}     windows that start in [from, to), µs since the epoch, both whole multiples of the period
--   {measurement}    the metric, as the windows have it
--   {column}         its value in "readings", null where the reading has none
--
-- readings: sensor_id, event_time (µs since the epoch, before it too), and a column for each measurement.
SELECT
    sensor_id,
    {measurement} AS metric,
    window_start,
    count({column}) AS sample_count,
    min({column}) AS min,
    max({column}) AS max,
    avg({column}) AS mean,
    var_pop({column}) AS variance
FROM (
    SELECT
        sensor_id,
        event_time - ((event_time % {period}) + {period}) % {period} AS window_start,
        {column}
    FROM readings
    WHERE event_time >= {from} AND event_time < {to} AND {column} IS NOT NULL
) AS timed
GROUP BY sensor_id, window_start
