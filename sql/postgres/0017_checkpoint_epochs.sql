-- oldest-program: 0.2.0
-- A log that was truncated gives offsets again. Its leader epochs tell the messages apart: from:epoch:incarnation of each epoch,
-- separated by spaces; null in a checkpoint of an older release. The token is random and new on every write: a checkpoint names the
-- one that it replaces.
ALTER TABLE checkpoints ADD COLUMN epochs text, ADD COLUMN token bigint NOT NULL DEFAULT 0;

COMMENT ON COLUMN sensor_windows.marks IS 'The last offset in the statistics of each source (topic id, partition, incarnation of its log)';

-- The life of the database: it changes when a standby is promoted, and when the tables are restored. What was durable before may be
-- missing then. Some services do not give a role all parts of it.
CREATE FUNCTION store_life() RETURNS uuid LANGUAGE plpgsql STABLE AS $body$
DECLARE
    system   text;
    timeline text;
BEGIN
    BEGIN
        SELECT system_identifier INTO system FROM pg_control_system();
    EXCEPTION WHEN insufficient_privilege OR feature_not_supported THEN
        system := '';
    END;
    BEGIN
        timeline := left(pg_walfile_name(pg_current_wal_insert_lsn()), 8);
    EXCEPTION WHEN insufficient_privilege OR feature_not_supported THEN
        timeline := '';
    END;
    RETURN md5(concat_ws('/', system, timeline, 'checkpoints'::regclass::oid))::uuid;
END;
$body$;
