-- oldest-program: 0.2.0
-- Windows with the id or the name of their sensor as text, as in PostgreSQL.
CREATE VIEW sensor_windows_named AS
SELECT CASE WHEN w.sensor_id >= 0 THEN CAST(w.sensor_id AS TEXT) ELSE coalesce(n.name, 'unnamed') END AS sensor, w.*
FROM sensor_windows AS w
LEFT JOIN sensor_names AS n ON n.number = w.sensor_id;
