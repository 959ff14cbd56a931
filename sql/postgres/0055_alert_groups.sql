-- oldest-program: 0.2.0
-- Alerts about groups of sensors, which stand for the alerts of their sensors in messages.
ALTER TABLE alerts ADD COLUMN sensor_group text COLLATE "C", ADD COLUMN group_alert uuid, ADD COLUMN muted_until timestamptz;

COMMENT ON COLUMN alerts.sensor_group IS
    'What the sensors of a group have in common, as a JSON object; its sensor_id is -1. Null: the alert is about one sensor';
COMMENT ON COLUMN alerts.group_alert IS 'The alert of a group that is told in place of this one';
COMMENT ON COLUMN alerts.muted_until IS 'The alert is not told before; the last second of the year 9999 while the alert of its group is open';

DROP INDEX alerts_open;
CREATE UNIQUE INDEX alerts_open ON alerts (sensor_id, measurement, kind, coalesce(rule, kind), coalesce(sensor_group, ''))
    WHERE cleared_at IS NULL;
