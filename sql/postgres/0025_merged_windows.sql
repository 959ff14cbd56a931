-- oldest-program: 0.2.0
-- Longer windows, merged from final windows of a shorter period, their panes. The transaction that writes a pane makes the rows of the
-- longer windows over it stale; a merge makes them current again. They have no marks: a pane decides which readings count.
-- Columns that do not change between two writes come first: PostgreSQL does not log them again.
CREATE TABLE merged_windows (
    window_start     timestamptz        NOT NULL,
    window_end       timestamptz        NOT NULL,
    sensor_id        integer            NOT NULL,
    revision         integer            NOT NULL,
    is_final         boolean            NOT NULL,
    is_stale         boolean            NOT NULL,
    period           text COLLATE "C"   NOT NULL,
    pane             text COLLATE "C"   NOT NULL,
    metrics          text[] COLLATE "C" NOT NULL,
    token            bigint             NOT NULL,
    updated_at       timestamptz        NOT NULL,
    latest_at        timestamptz,
    latest_offset    bigint,
    latest_partition integer,
    latest_index     integer,
    statistics       double precision[] NOT NULL,
    PRIMARY KEY (sensor_id, period, window_start)
) PARTITION BY LIST (period);

CREATE TABLE merged_windows_default PARTITION OF merged_windows DEFAULT WITH (fillfactor = 60, toast_tuple_target = 8160);

COMMENT ON TABLE merged_windows IS 'Statistics of longer windows, merged from the rows of the table windows that they contain';
COMMENT ON COLUMN merged_windows.period IS 'With hop or time zone: PT1H/PT5M, P1D@Europe/Madrid';
COMMENT ON COLUMN merged_windows.pane IS 'The period of the windows that the row is merged from';
COMMENT ON COLUMN merged_windows.metrics IS 'The measurements that have values; none before the first merge';
COMMENT ON COLUMN merged_windows.statistics IS 'For each measurement, as in the table windows';
COMMENT ON COLUMN merged_windows.token IS
    'The row version, random and new on every write, also of a pane; a merge names the version that it had read before the panes';
COMMENT ON COLUMN merged_windows.is_stale IS 'A pane was written after the last merge';
COMMENT ON COLUMN merged_windows.is_final IS 'The window was merged after its end';
COMMENT ON COLUMN merged_windows.revision IS 'Number of merges after the first one that changed the statistics';

-- Holds stale rows only, so it does not change while one pane after the other is written.
CREATE INDEX merged_windows_stale ON merged_windows (window_end) WHERE is_stale;

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
        EXECUTE format('GRANT %s ON merged_windows TO %s', permission.privilege, permission.role);
    END LOOP;
END;
$migration$;
