-- The rows of the view sensor_temperatures, with the columns that its readers have always known. They know integer ids; a named
-- sensor has a negative number.
SELECT
    w.sensor_id,
    strftime('%Y-%m-%d %H:%M:%S', w.window_start / 1000000, 'unixepoch') AS window_start,
    strftime('%Y-%m-%d %H:%M:%S', w.window_end / 1000000, 'unixepoch') AS window_end,
    CASE WHEN abs(round(w.mean, 2)) < 1000 THEN round(w.mean, 2) END AS avg_temperature,
    CASE WHEN abs(round(w.min, 2)) < 1000 THEN round(w.min, 2) END AS min_temperature,
    CASE WHEN abs(round(w.max, 2)) < 1000 THEN round(w.max, 2) END AS max_temperature
FROM contract_windows AS w
WHERE w.metric = 'temperature' AND w.sensor_id >= 0
