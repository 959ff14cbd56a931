-- oldest-program: 0.1.0
-- The registered sensors. The class SqliteSensors adds the columns that a table of the old pipeline lacks.
-- Times are µs since the epoch. overrides: alert rules of the sensor, as JSON.
CREATE TABLE IF NOT EXISTS sensors (
    sensor_id        INTEGER PRIMARY KEY,
    city             TEXT,
    station          TEXT,
    diff_temperature REAL,
    overrides        TEXT,
    registered_at    INTEGER
);
