-- oldest-program: 0.2.0
-- Further columns of registered sensors, as in PostgreSQL. tags and overrides are JSON; registered_at is in µs since the epoch.
CREATE TABLE sensor_details (
    sensor_id        INTEGER PRIMARY KEY,
    display_name     TEXT,
    tags             TEXT NOT NULL DEFAULT '{}' CHECK (json_type(tags) = 'object'),
    latitude         REAL CHECK (latitude BETWEEN -90 AND 90),
    longitude        REAL CHECK (longitude BETWEEN -180 AND 180),
    time_zone        TEXT,
    city             TEXT,
    station          TEXT,
    diff_temperature REAL,
    overrides        TEXT,
    registered_at    INTEGER NOT NULL,
    CHECK ((latitude IS NULL) = (longitude IS NULL))
);
