-- oldest-program: 0.1.0
-- The registered sensors. A table of the old pipeline with this name (sensor_id, city, station, diff_temperature) is adopted
-- with its rows, types and other columns. The script adds only the missing columns.
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
        RAISE EXCEPTION '%.sensors has several rows with the same sensor_id; keep one row for each', home;
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

-- ON CONFLICT needs a unique index on this column alone; an adopted table may have another primary key, or none.
CREATE UNIQUE INDEX IF NOT EXISTS sensors_by_id ON sensors (sensor_id);

COMMENT ON COLUMN sensors.diff_temperature IS 'Error of the sensor, °C: how much warmer than its surroundings it reads';
COMMENT ON COLUMN sensors.overrides IS
    'Alert rules of this sensor as JSON, such as {"timeout":"00:03:00","temperature":{"minDeviation":5}}';
