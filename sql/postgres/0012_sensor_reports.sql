-- What one sensor has said of itself, newest first, is what its page asks for.
CREATE INDEX sensor_reports_of_sensor ON sensor_reports (sensor_id, reported_at DESC);
