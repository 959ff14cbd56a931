-- oldest-program: 0.2.0
-- The latest reading of each window, and of each sensor. Windows written before this migration have none. Of readings with the same
-- time, the one with the greatest partition, offset and index is the latest.
ALTER TABLE windows ADD COLUMN last_value REAL;
ALTER TABLE windows ADD COLUMN latest_at INTEGER;
ALTER TABLE windows ADD COLUMN latest_offset INTEGER;
ALTER TABLE windows ADD COLUMN latest_partition INTEGER;
ALTER TABLE windows ADD COLUMN latest_index INTEGER;

-- A window writes its latest reading here when it becomes final, in the transaction of its rows. The values are a JSON object.
CREATE TABLE sensor_latest (
    sensor_id        INTEGER PRIMARY KEY,
    latest_at        INTEGER NOT NULL,
    latest_offset    INTEGER NOT NULL,
    latest_partition INTEGER NOT NULL,
    latest_index     INTEGER NOT NULL,
    latest_values    TEXT    NOT NULL
);
