-- oldest-program: 0.2.0
-- The states of monitors: one row for each shard of sensors, and what has changed since that was written. A checkpoint writes the
-- changes; a state is written whole again when they have become as long as it.
CREATE TABLE monitor_states (
    shard      integer     PRIMARY KEY,
    version    bigint      NOT NULL,
    written_at timestamptz NOT NULL,
    marks      bytea,
    watches    bytea       NOT NULL
) WITH (fillfactor = 50, toast_tuple_target = 128);

CREATE TABLE monitor_changes (
    shard   integer NOT NULL,
    number  integer NOT NULL,
    watches bytea   NOT NULL,
    PRIMARY KEY (shard, number)
);

-- The bytes are compressed. Outside of the row they are not written again with a new version.
ALTER TABLE monitor_states ALTER COLUMN watches SET STORAGE EXTERNAL;
ALTER TABLE monitor_changes ALTER COLUMN watches SET STORAGE EXTERNAL;

COMMENT ON TABLE monitor_states IS 'The sensors that the monitors watch, a row for each shard';
COMMENT ON COLUMN monitor_states.version IS 'Random and new on every write of the state or of a change; a write names the one that it replaces';
COMMENT ON COLUMN monitor_states.marks IS
    'The last offset of each source, with all changes; null: a state of version 0.1, whose marks are among its bytes';
COMMENT ON COLUMN monitor_states.watches IS 'The state of all sensors of the shard';
COMMENT ON TABLE monitor_changes IS 'Sensors of monitor_states that have changed since, in the order of their numbers';

-- Orleans' grain storage had the states before. Of several services the one that wrote last is in use.
INSERT INTO monitor_states (shard, version, written_at, watches)
SELECT DISTINCT ON (key_low) key_low, version, modified_at, payload
FROM orleans_grain_states
WHERE state_name = 'monitor' AND key_high = 0 AND key_text IS NULL AND payload IS NOT NULL
ORDER BY key_low, modified_at DESC;

DELETE FROM orleans_grain_states WHERE state_name = 'monitor' AND key_high = 0 AND key_text IS NULL;

-- Orleans uses a table of its own scripts where it found one. It is left as it is.
DO $migration$
BEGIN
    IF (SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass('orleansstorage')
        AND attname IN ('grainidn1', 'graintypestring', 'payloadbinary', 'modifiedon', 'version')) = 5 THEN
        EXECUTE 'INSERT INTO monitor_states (shard, version, written_at, watches)
            SELECT DISTINCT ON (grainidn1) grainidn1, coalesce(version, 0), modifiedon AT TIME ZONE ''UTC'', payloadbinary
            FROM orleansstorage
            WHERE graintypestring = ''monitor'' AND payloadbinary IS NOT NULL
            ORDER BY grainidn1, modifiedon DESC
            ON CONFLICT DO NOTHING';
    END IF;
END;
$migration$;

-- Who can use the windows can use the tables, also where no default privileges say so.
DO $migration$
DECLARE
    permission record;
BEGIN
    FOR permission IN
        SELECT DISTINCT coalesce(quote_ident(r.rolname), 'PUBLIC') AS role, a.privilege_type AS privilege
        FROM pg_class AS c
        CROSS JOIN aclexplode(c.relacl) AS a
        LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE c.oid = 'windows'::regclass AND a.grantee <> c.relowner
            AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    LOOP
        EXECUTE format('GRANT %s ON monitor_states, monitor_changes TO %s', permission.privilege, permission.role);
    END LOOP;
END;
$migration$;
