-- oldest-program: 0.1.0
-- The page of a sensor shows its newest reports.
CREATE INDEX sensor_reports_of_sensor ON sensor_reports (sensor_id, reported_at DESC);
