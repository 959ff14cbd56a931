-- oldest-program: 0.2.0
-- Further columns of registered sensors. The table sensors may belong to another program and has no place for names, so it stays as it is.
CREATE TABLE sensor_details (
    sensor_id        integer          PRIMARY KEY,
    display_name     text,
    tags             jsonb            NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(tags) = 'object'),
    latitude         double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude        double precision CHECK (longitude BETWEEN -180 AND 180),
    time_zone        text,
    city             text,
    station          text,
    diff_temperature double precision,
    overrides        jsonb,
    registered_at    timestamptz      NOT NULL DEFAULT now(),
    CHECK ((latitude IS NULL) = (longitude IS NULL))
);

CREATE INDEX sensor_details_by_tag ON sensor_details USING gin (tags jsonb_path_ops);

COMMENT ON TABLE sensor_details IS
    'Registered sensors: all columns of those with names (sensor_id is the number), and of those with ids what sensors lacks';
COMMENT ON COLUMN sensor_details.tags IS 'Such as {"room": "kitchen"}; the index serves WHERE tags @> ''{"room": "kitchen"}''';
COMMENT ON COLUMN sensor_details.city IS 'Of sensors with names, like station, diff_temperature and overrides; the table sensors has those of ids';
COMMENT ON COLUMN sensor_details.time_zone IS 'IANA id, such as Europe/Madrid';

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
        EXECUTE format('GRANT %s ON sensor_details TO %s', permission.privilege, permission.role);
    END LOOP;
END;
$migration$;
