-- The rows of the view sensor_temperatures, with the columns and types that its readers have always known.
-- Rounding comes before the check: 999.996 rounds to what DECIMAL(5,2) cannot hold. The inner comparison keeps
-- infinities and numbers of 300 digits out of numeric. Its readers know integer ids; a named sensor has a negative number.
SELECT
    w.sensor_id,
    w.window_start AT TIME ZONE 'UTC' AS window_start,
    w.window_end AT TIME ZONE 'UTC' AS window_end,
    CASE WHEN w.mean > -1000 AND w.mean < 1000 AND abs(round(w.mean::numeric, 2)) < 1000
        THEN w.mean::numeric END::numeric(5, 2) AS avg_temperature,
    CASE WHEN w.min > -1000 AND w.min < 1000 AND abs(round(w.min::numeric, 2)) < 1000
        THEN w.min::numeric END::numeric(5, 2) AS min_temperature,
    CASE WHEN w.max > -1000 AND w.max < 1000 AND abs(round(w.max::numeric, 2)) < 1000
        THEN w.max::numeric END::numeric(5, 2) AS max_temperature
FROM contract_windows AS w
WHERE w.metric = 'temperature' AND w.sensor_id >= 0
