-- oldest-program: 0.2.0
-- Alerts about groups of sensors, as in PostgreSQL.
ALTER TABLE alerts ADD COLUMN sensor_group TEXT;
ALTER TABLE alerts ADD COLUMN group_alert TEXT;
ALTER TABLE alerts ADD COLUMN muted_until INTEGER;

DROP INDEX alerts_open;
CREATE UNIQUE INDEX alerts_open ON alerts (sensor_id, measurement, kind, coalesce(rule, kind), coalesce(sensor_group, ''))
    WHERE cleared_at IS NULL;
