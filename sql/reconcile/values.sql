-- The values of one measurement that count, each with its window and its time. Every engine that recomputes windows uses this definition and
-- fills in the parameters between braces. The SQL is portable: integer arithmetic.
--
--   {period}         length of the windows in µs
--   {from}, {to}     range of window starts [from, to), µs since the epoch, both multiples of the period
--   {readings}       the table, or the statement that leaves one value for each step of time
--   {column}         column of "readings" with its value, null for a reading without one
--
-- The table "readings" has the columns sensor_id, event_time (µs, may be before the epoch) and one column for each measurement.
SELECT
    sensor_id,
    event_time - ((event_time % {period}) + {period}) % {period} AS window_start,
    event_time,
    {column} AS value
FROM {readings}
WHERE event_time >= {from} AND event_time < {to} AND {column} IS NOT NULL
