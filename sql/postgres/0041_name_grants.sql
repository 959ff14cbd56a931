-- oldest-program: 0.2.0
-- Gives those who can use the windows the same privileges on a new table, also where no default privileges say so. Earlier migrations
-- have this loop each.
CREATE FUNCTION grant_as_on_windows(target regclass, privileges text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    permission record;
BEGIN
    FOR permission IN
        SELECT DISTINCT coalesce(quote_ident(r.rolname), 'PUBLIC') AS role, a.privilege_type AS privilege
        FROM pg_class AS c
        CROSS JOIN aclexplode(c.relacl) AS a
        LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE c.oid = 'windows'::regclass AND a.grantee <> c.relowner AND a.privilege_type = ANY (privileges)
    LOOP
        EXECUTE format('GRANT %s ON %s TO %s', permission.privilege, target, permission.role);
    END LOOP;
END;
$$;

-- Takes privileges from all but the owner: the default privileges of a role without DDL may give more than a table is meant to allow.
CREATE FUNCTION revoke_from_others(target regclass, privileges text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    grantee text;
BEGIN
    FOR grantee IN
        SELECT DISTINCT coalesce(quote_ident(r.rolname), 'PUBLIC')
        FROM pg_class AS c
        CROSS JOIN aclexplode(c.relacl) AS a
        LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE c.oid = target AND a.grantee <> c.relowner
    LOOP
        EXECUTE format('REVOKE %s ON %s FROM %s', array_to_string(privileges, ', '), target, grantee);
    END LOOP;
END;
$$;

REVOKE ALL ON FUNCTION grant_as_on_windows(regclass, text[]), revoke_from_others(regclass, text[]) FROM PUBLIC;

COMMENT ON FUNCTION grant_as_on_windows IS 'For migrations: gives the grantees of the table windows privileges on another table';
COMMENT ON FUNCTION revoke_from_others IS 'For migrations: takes privileges on a table from all roles but its owner';

-- The names of measurements are never changed or deleted, as those of sensors.
SELECT revoke_from_others('measurement_names', ARRAY['UPDATE', 'DELETE', 'TRUNCATE']);
