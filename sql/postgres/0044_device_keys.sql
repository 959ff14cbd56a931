-- oldest-program: 0.2.0
-- Keys that may only send readings: of one sensor, of sensors with a tag, or to one source.
CREATE TABLE device_keys (
    name       text COLLATE "C" PRIMARY KEY,
    key_hash   text             NOT NULL UNIQUE,
    scope      text             NOT NULL CHECK (scope IN ('device', 'tag', 'source')),
    value      text             NOT NULL,
    created_at timestamptz      NOT NULL,
    created_by text             NOT NULL,
    expires_at timestamptz
);

COMMENT ON COLUMN device_keys.key_hash IS 'SHA-256 of the key, hexadecimal';
COMMENT ON COLUMN device_keys.value IS 'The sensor, the tag as KEY=VALUE, or the source';

-- Silos hold all device keys in memory, and read them again when the revision is another one.
CREATE TABLE device_key_revision (
    is_only  boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    revision uuid    NOT NULL
);

INSERT INTO device_key_revision (revision) VALUES (gen_random_uuid());

COMMENT ON COLUMN device_key_revision.revision IS 'New with each change of device_keys; whoever changes the table by hand must set another one';

-- Who can write windows can use the tables, also where no default privileges say so. Those who only read windows get nothing.
DO $migration$
DECLARE
    permission record;
BEGIN
    FOR permission IN
        SELECT DISTINCT coalesce(quote_ident(r.rolname), 'PUBLIC') AS role
        FROM pg_class AS c
        CROSS JOIN aclexplode(c.relacl) AS a
        LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE c.oid = 'windows'::regclass AND a.grantee <> c.relowner AND a.privilege_type = 'INSERT'
    LOOP
        EXECUTE format('GRANT SELECT, INSERT, DELETE ON device_keys TO %s', permission.role);
        EXECUTE format('GRANT SELECT, UPDATE ON device_key_revision TO %s', permission.role);
    END LOOP;
END;
$migration$;
