-- oldest-program: 0.2.0
-- The names of measurements that were found in readings. Declared measurements are in the configuration. The rows bound the number of
-- measurements; windows have the names themselves.
CREATE TABLE measurement_names (
    name       text COLLATE "C" PRIMARY KEY CHECK (char_length(name) BETWEEN 1 AND 200),
    created_at timestamptz      NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE measurement_names IS 'Names of measurements that were found in readings; rows are never changed or deleted';

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
            AND a.privilege_type IN ('SELECT', 'INSERT')
    LOOP
        EXECUTE format('GRANT %s ON measurement_names TO %s', permission.privilege, permission.role);
    END LOOP;
END;
$migration$;
