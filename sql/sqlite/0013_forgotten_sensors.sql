-- oldest-program: 0.1.0
-- Sensors that a person has dismissed. Only a reading with a later event time brings one back. Times are µs since the epoch.
CREATE TABLE forgotten_sensors (
    sensor_id    INTEGER PRIMARY KEY,
    forgotten_at INTEGER NOT NULL
);

CREATE INDEX forgotten_sensors_by_time ON forgotten_sensors (forgotten_at);
