-- oldest-program: 0.2.0
-- Windows with the id or the name of their sensor as text. A query of one named sensor is fast by its number:
-- WHERE sensor_id = (SELECT number FROM sensor_names WHERE name = 'kitchen-1').
CREATE VIEW sensor_windows_named AS
SELECT CASE WHEN w.sensor_id >= 0 THEN w.sensor_id::text ELSE coalesce(n.name, 'unnamed') END AS sensor, w.*
FROM sensor_windows AS w
LEFT JOIN sensor_names AS n ON n.number = w.sensor_id;

COMMENT ON VIEW sensor_windows_named IS 'sensor_windows with the id of each sensor, or its name, in the column sensor';

-- Who can read the windows can read the view, also where no default privileges say so.
DO $migration$
DECLARE
    permission record;
BEGIN
    FOR permission IN
        SELECT DISTINCT coalesce(quote_ident(r.rolname), 'PUBLIC') AS role
        FROM pg_class AS c
        CROSS JOIN aclexplode(c.relacl) AS a
        LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE c.oid = 'windows'::regclass AND a.grantee <> c.relowner AND a.privilege_type = 'SELECT'
    LOOP
        EXECUTE format('GRANT SELECT ON sensor_windows_named TO %s', permission.role);
    END LOOP;
END;
$migration$;
