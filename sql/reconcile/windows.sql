-- Computes the windows of one measurement from readings. Every engine that recomputes windows uses this definition and fills
-- in the parameters between braces. The SQL is portable: integer arithmetic and standard aggregates.
--
--   {period}         length of the windows in µs
--   {from}, {to}     range of window starts [from, to), µs since the epoch, both multiples of the period
--   {measurement}    name of the measurement, a quoted text
--   {readings}       the table, or the statement that leaves one value for each step of time
--   {column}         column of "readings" with its value, null for a reading without one
--
-- The table "readings" has the columns sensor_id, event_time (µs, may be before the epoch) and one column for each measurement.
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
    FROM {readings}
    WHERE event_time >= {from} AND event_time < {to} AND {column} IS NOT NULL
) AS timed
GROUP BY sensor_id, window_start
