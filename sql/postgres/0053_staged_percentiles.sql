-- oldest-program: 0.2.0
-- Percentiles that a Spark job has computed of measurements with sketches.
ALTER TABLE reconciliation_staging
    ADD COLUMN p10 double precision,
    ADD COLUMN p50 double precision,
    ADD COLUMN p90 double precision,
    ADD COLUMN p95 double precision,
    ADD COLUMN p99 double precision;

COMMENT ON COLUMN reconciliation_staging.p50 IS 'The median; null, as the other percentiles: the measurement has no sketches';
