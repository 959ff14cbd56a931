-- The sensors that are known. A table of this name that the old pipeline has left (sensor_id, city, station,
-- diff_temperature) is taken over with its rows, its types and whatever else it has; only what is missing is added.
DO $$
DECLARE
    home text := current_schema();
    kind "char" := (SELECT relkind FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                    WHERE n.nspname = current_schema() AND c.relname = 'sensors');
    id_type text := (SELECT data_type FROM information_schema.columns
                     WHERE table_schema = current_schema() AND table_name = 'sensors' AND column_name = 'sensor_id');
BEGIN
    IF kind IS NULL THEN
        RETURN;
    END IF;
    IF kind NOT IN ('r', 'p') OR id_type IS NULL OR id_type NOT IN ('smallint', 'integer', 'bigint', 'numeric') THEN
        RAISE EXCEPTION '%.sensors is not a table of sensors with a numeric column sensor_id; rename it', home;
    END IF;
    IF EXISTS (SELECT FROM sensors WHERE sensor_id IS NOT NULL GROUP BY sensor_id HAVING count(*) > 1) THEN
        RAISE EXCEPTION '%.sensors holds a sensor_id more than once; leave one row for each', home;
    END IF;
END
$$;

CREATE TABLE IF NOT EXISTS sensors (
    sensor_id        integer PRIMARY KEY,
    city             text,
    station          text,
    diff_temperature double precision
);

ALTER TABLE sensors
    ADD COLUMN IF NOT EXISTS city text,
    ADD COLUMN IF NOT EXISTS station text,
    ADD COLUMN IF NOT EXISTS diff_temperature double precision,
    ADD COLUMN IF NOT EXISTS overrides jsonb,
    ADD COLUMN IF NOT EXISTS registered_at timestamptz NOT NULL DEFAULT now();

-- Beside a primary key that may be there or not: ON CONFLICT needs one that is only about this column.
CREATE UNIQUE INDEX IF NOT EXISTS sensors_by_id ON sensors (sensor_id);

COMMENT ON COLUMN sensors.diff_temperature IS 'How much warmer than its surroundings the sensor reads, °C';
COMMENT ON COLUMN sensors.overrides IS 'Rules of the monitor that are this sensor''s own, such as {"timeout":"00:03:00","temperature":{"minDeviation":5}}';
