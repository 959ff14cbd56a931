-- oldest-program: 0.2.0
-- The numbers of sensors that have a name instead of an integer id. A row is never changed or deleted: windows of the number may come
-- back with readings that are read again. Rows, checkpoints and names are restored together.
CREATE TABLE sensor_names (
    number     integer          PRIMARY KEY CHECK (number < -1),
    name       text COLLATE "C" NOT NULL UNIQUE CHECK (char_length(name) BETWEEN 1 AND 200),
    created_at timestamptz      NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE sensor_names IS 'Numbers of named sensors, as sensor_id of other tables has them; rows are never changed or deleted';
COMMENT ON COLUMN sensor_names.number IS 'Random, so that a database that is restored does not give a lost number to another name';

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
        EXECUTE format('GRANT %s ON sensor_names TO %s', permission.privilege, permission.role);
    END LOOP;
END;
$migration$;

-- The default privileges of a role without DDL give more.
DO $migration$
DECLARE
    grantee text;
BEGIN
    FOR grantee IN
        SELECT DISTINCT coalesce(quote_ident(r.rolname), 'PUBLIC')
        FROM pg_class AS c
        CROSS JOIN aclexplode(c.relacl) AS a
        LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE c.oid = 'sensor_names'::regclass AND a.grantee <> c.relowner
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON sensor_names FROM %s', grantee);
    END LOOP;
END;
$migration$;
