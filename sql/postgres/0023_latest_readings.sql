-- oldest-program: 0.2.0
-- The latest reading of each window, and of each sensor. Windows written before this migration have none.
ALTER TABLE windows
    ADD COLUMN latest_at        timestamptz,
    ADD COLUMN latest_offset    bigint,
    ADD COLUMN latest_partition integer,
    ADD COLUMN latest_index     integer;

COMMENT ON COLUMN windows.latest_at IS
    'Event time of the latest reading. Of readings with the same time, the one with the greatest partition, offset and index is the latest';
COMMENT ON COLUMN windows.latest_index IS 'Position of the latest reading among those of the sensor in its message';
COMMENT ON COLUMN windows.statistics IS
    'For each measurement: number of values, mean, sum of squared deviations from the mean, least and greatest value, and the value of the latest reading, NaN if it has none';

-- A window writes its latest reading here when it becomes final, in the transaction of its row.
CREATE TABLE sensor_latest (
    sensor_id        integer PRIMARY KEY,
    latest_at        timestamptz        NOT NULL,
    latest_offset    bigint             NOT NULL,
    latest_partition integer            NOT NULL,
    latest_index     integer            NOT NULL,
    metrics          text[] COLLATE "C" NOT NULL,
    latest_values    double precision[] NOT NULL
) WITH (fillfactor = 70);

COMMENT ON TABLE sensor_latest IS 'The latest reading of each sensor in its final windows. A provisional window may hold a later one';
COMMENT ON COLUMN sensor_latest.latest_values IS 'The values of the measurements; NaN: the reading has none';

-- Who can use the windows can use the table, also where no default privileges say so.
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
        EXECUTE format('GRANT %s ON sensor_latest TO %s', permission.privilege, permission.role);
    END LOOP;
END;
$migration$;
