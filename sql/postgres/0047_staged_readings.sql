-- oldest-program: 0.2.0
-- Readings of sources that a run has mapped for its Spark job. Times are µs since the epoch.
CREATE UNLOGGED TABLE reconciliation_readings (
    run_id     text               NOT NULL,
    sensor_id  integer            NOT NULL,
    event_time bigint             NOT NULL,
    measured   double precision[] NOT NULL
);

CREATE INDEX reconciliation_readings_of_run ON reconciliation_readings (run_id);

COMMENT ON TABLE reconciliation_readings IS 'Readings of sources that a run has mapped for its Spark job, until the run has ended';
COMMENT ON COLUMN reconciliation_readings.measured IS 'The values in the order of the declared measurements; null: the reading has none';

SELECT grant_as_on_windows('reconciliation_readings', ARRAY['SELECT', 'INSERT', 'DELETE']);
