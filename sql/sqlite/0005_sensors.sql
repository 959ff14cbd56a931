-- The sensors that are known. SqliteSensors adds what a table of the old pipeline does not have.
-- Times are µs since the epoch. overrides: rules of the monitor that are the sensor's own, as JSON.
CREATE TABLE IF NOT EXISTS sensors (
    sensor_id        INTEGER PRIMARY KEY,
    city             TEXT,
    station          TEXT,
    diff_temperature REAL,
    overrides        TEXT,
    registered_at    INTEGER
);
