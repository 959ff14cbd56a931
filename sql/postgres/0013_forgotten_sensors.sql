-- oldest-program: 0.1.0
-- Sensors that a person has dismissed. Only a reading with a later event time brings one back.
CREATE TABLE forgotten_sensors (
    sensor_id    integer     PRIMARY KEY,
    forgotten_at timestamptz NOT NULL
);

COMMENT ON COLUMN forgotten_sensors.forgotten_at IS
    'By the clock of the database; monitors and console ignore readings of the sensor with an event time up to this one';

CREATE INDEX forgotten_sensors_by_time ON forgotten_sensors (forgotten_at);
