-- oldest-program: 0.2.0
-- Windows: one row for each sensor, period and start, with the statistics of all measurements. The table of version 0.1 had a row
-- for each measurement. It stays under another name until the program has moved its rows, one day at a time.
-- Columns that do not change between two writes come first: PostgreSQL does not log them again.
ALTER TABLE sensor_windows RENAME TO sensor_windows_0_1;

CREATE TABLE windows (
    window_start timestamptz        NOT NULL,
    window_end   timestamptz        NOT NULL,
    sensor_id    integer            NOT NULL,
    revision     integer            NOT NULL,
    is_final     boolean            NOT NULL,
    is_due       boolean            NOT NULL,
    period       text COLLATE "C"   NOT NULL,
    metrics      text[] COLLATE "C" NOT NULL,
    corrected_by uuid,
    token        bigint             NOT NULL,
    updated_at   timestamptz        NOT NULL,
    statistics   double precision[] NOT NULL,
    marks        bytea              NOT NULL,
    PRIMARY KEY (sensor_id, period, window_start)
) PARTITION BY LIST (period);

COMMENT ON TABLE windows IS 'Statistics of windows, a partition for each period and UTC day; the view sensor_windows has a row for each measurement';
COMMENT ON COLUMN windows.metrics IS 'The measurements that have values';
COMMENT ON COLUMN windows.statistics IS
    'For each measurement: number of values, mean, sum of squared deviations from the mean, least and greatest value';
COMMENT ON COLUMN windows.marks IS 'The last offset in the statistics of each source';
COMMENT ON COLUMN windows.token IS 'The row version, random and new on every write; an update names the version that it replaces';
COMMENT ON COLUMN windows.revision IS 'Number of writes with new readings after the first close';
COMMENT ON COLUMN windows.is_due IS 'The revision is not announced yet';
COMMENT ON COLUMN windows.corrected_by IS 'The run (reconciliation_runs) that last corrected the row';

-- The indexed columns never change, so an updated row stays on its page (HOT). The expression is the start as the view
-- sensor_temperatures shows it, by which its readers filter.
CREATE INDEX windows_times ON windows
    USING brin (window_start, window_end, (window_start AT TIME ZONE 'UTC')) WITH (pages_per_range = 32);

CREATE VIEW sensor_windows AS
SELECT w.sensor_id, m.metric, w.window_start, w.window_end, w.statistics[m.n][1]::bigint AS sample_count, w.statistics[m.n][2] AS mean,
    w.statistics[m.n][3] AS m2, w.statistics[m.n][4] AS min, w.statistics[m.n][5] AS max, w.marks, w.token, w.revision, w.is_final,
    w.updated_at, w.corrected_by, w.period
FROM windows AS w
CROSS JOIN LATERAL unnest(w.metrics) WITH ORDINALITY AS m (metric, n);

COMMENT ON VIEW sensor_windows IS 'Statistics of windows, a row for each measurement; m2: sum of squared deviations from the mean';

-- A program of version 0.1 that still runs must fail with a reason.
CREATE FUNCTION refuse_old_program() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'this database was migrated to grainsensors 0.2; stop this process and start version 0.2 or later';
END;
$body$;

CREATE TRIGGER refuse_old_program INSTEAD OF INSERT OR UPDATE OR DELETE ON sensor_windows
    FOR EACH ROW EXECUTE FUNCTION refuse_old_program();

-- Who could use the old table can use the new one, and read the view.
DO $migration$
DECLARE
    permission record;
BEGIN
    FOR permission IN
        SELECT DISTINCT coalesce(quote_ident(r.rolname), 'PUBLIC') AS role, a.privilege_type AS privilege
        FROM pg_class AS c
        CROSS JOIN aclexplode(c.relacl) AS a
        LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE c.oid = 'sensor_windows_0_1'::regclass AND a.grantee <> c.relowner
            AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    LOOP
        EXECUTE format('GRANT %s ON windows TO %s', permission.privilege, permission.role);
        IF permission.privilege = 'SELECT' THEN
            EXECUTE format('GRANT SELECT ON sensor_windows TO %s', permission.role);
        END IF;
    END LOOP;
END;
$migration$;

-- Hours and days, as before, of the windows of the configured period.
CREATE OR REPLACE VIEW sensor_hours AS
WITH rows AS (
    SELECT w.sensor_id, w.metric, w.sample_count, w.mean, w.m2, w.min, w.max, p.length,
        date_trunc('hour', w.window_start AT TIME ZONE 'UTC') AS hour
    FROM sensor_windows AS w
    CROSS JOIN window_period AS p
    WHERE w.period = p.period AND p.length <= interval '1 hour'
),
means AS (
    SELECT sensor_id, metric, hour, sum(sample_count * mean) / sum(sample_count) AS mean
    FROM rows
    GROUP BY sensor_id, metric, hour
),
merged AS (
    SELECT r.sensor_id, r.metric, r.hour, sum(r.sample_count)::bigint AS sample_count, m.mean,
        sqrt(sum(r.m2 + r.sample_count * (r.mean - m.mean) ^ 2) / sum(r.sample_count)) AS stddev,
        min(r.min) AS min, max(r.max) AS max, count(*) AS windows,
        least(1, count(*) * extract(epoch FROM min(r.length)) / extract(epoch FROM interval '1 hour'))::double precision AS coverage
    FROM rows AS r
    JOIN means AS m USING (sensor_id, metric, hour)
    GROUP BY r.sensor_id, r.metric, r.hour, m.mean
),
spans AS (
    SELECT sensor_id, metric, generate_series(min(hour), max(hour), interval '1 hour') AS hour
    FROM merged
    GROUP BY sensor_id, metric
)
SELECT s.sensor_id, s.metric, s.hour AT TIME ZONE 'UTC' AS hour, coalesce(m.sample_count, 0) AS sample_count,
    m.mean, m.stddev, m.min, m.max, coalesce(m.windows, 0) AS windows, coalesce(m.coverage, 0) AS coverage
FROM spans AS s
LEFT JOIN merged AS m USING (sensor_id, metric, hour);

CREATE OR REPLACE VIEW sensor_days AS
WITH rows AS (
    SELECT w.sensor_id, w.metric, w.sample_count, w.mean, w.m2, w.min, w.max, p.length,
        date_trunc('day', w.window_start AT TIME ZONE 'UTC') AS day
    FROM sensor_windows AS w
    CROSS JOIN window_period AS p
    WHERE w.period = p.period AND p.length <= interval '1 day'
),
means AS (
    SELECT sensor_id, metric, day, sum(sample_count * mean) / sum(sample_count) AS mean
    FROM rows
    GROUP BY sensor_id, metric, day
),
merged AS (
    SELECT r.sensor_id, r.metric, r.day, sum(r.sample_count)::bigint AS sample_count, m.mean,
        sqrt(sum(r.m2 + r.sample_count * (r.mean - m.mean) ^ 2) / sum(r.sample_count)) AS stddev,
        min(r.min) AS min, max(r.max) AS max, count(*) AS windows,
        least(1, count(*) * extract(epoch FROM min(r.length)) / extract(epoch FROM interval '1 day'))::double precision AS coverage
    FROM rows AS r
    JOIN means AS m USING (sensor_id, metric, day)
    GROUP BY r.sensor_id, r.metric, r.day, m.mean
),
spans AS (
    SELECT sensor_id, metric, generate_series(min(day), max(day), interval '1 day') AS day
    FROM merged
    GROUP BY sensor_id, metric
)
SELECT s.sensor_id, s.metric, s.day AT TIME ZONE 'UTC' AS day, coalesce(m.sample_count, 0) AS sample_count,
    m.mean, m.stddev, m.min, m.max, coalesce(m.windows, 0) AS windows, coalesce(m.coverage, 0) AS coverage
FROM spans AS s
LEFT JOIN merged AS m USING (sensor_id, metric, day);

-- The partitions are created and dropped by functions of their owner, so that silos may use a role that owns nothing.
DROP FUNCTION create_window_partitions(date[]), summarize_window_partition(date), drop_window_partition(date, timestamptz);

DO $migration$
DECLARE
    options constant text := format('LANGUAGE plpgsql SECURITY DEFINER SET search_path = %I, pg_temp', current_schema());
BEGIN
    -- windows_pt15m_20261124
    EXECUTE $create$
        CREATE FUNCTION window_partition_name(window_period text, suffix text) RETURNS text AS $body$
        BEGIN
            RETURN 'windows_' || lower(regexp_replace(window_period, '[^A-Za-z0-9]+', '_', 'g')) || '_' || suffix;
        END;
        $body$ $create$ || options;

    EXECUTE $create$
        CREATE FUNCTION create_window_partitions(window_period text, days date[]) RETURNS integer AS $body$
        DECLARE
            parent  constant text := rtrim(window_partition_name(window_period, ''), '_');
            rest    constant text := window_partition_name(window_period, 'default');
            options text;
            filled  date[];
            day     date;
            name    text;
            low     text;
            high    text;
            created integer := 0;
        BEGIN
            IF to_regclass(parent) IS NULL THEN
                LOCK TABLE ONLY windows IN ACCESS EXCLUSIVE MODE;
                IF to_regclass(parent) IS NULL THEN
                    EXECUTE format('CREATE TABLE %I PARTITION OF windows FOR VALUES IN (%L) PARTITION BY RANGE (window_start)',
                        parent, window_period);
                    EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT WITH (fillfactor = 60, toast_tuple_target = 8160)',
                        rest, parent);
                END IF;
            END IF;

            -- Only the parent is locked: every reader and writer of windows locks the parent before a partition.
            EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', parent);

            -- A row is rewritten until it is final, so pages keep free space: for one or two new versions of each row.
            EXECUTE format(
                'SELECT CASE WHEN avg(pg_column_size(r)) > 700 THEN 45 ELSE 60 END FROM (SELECT * FROM %I LIMIT 100) AS r', parent)
            INTO options;
            options := format('fillfactor = %s, toast_tuple_target = 8160', options);

            EXECUTE format(
                'SELECT array_agg(DISTINCT (window_start AT TIME ZONE ''UTC'')::date) FROM %I'
                ' WHERE window_start >= (SELECT min(d)::timestamp FROM unnest($1) AS d) AT TIME ZONE ''UTC'''
                ' AND window_start < (SELECT max(d) + interval ''1 day'' FROM unnest($1) AS d) AT TIME ZONE ''UTC''', rest)
            INTO filled USING days;
            FOREACH day IN ARRAY days LOOP
                name := window_partition_name(window_period, to_char(day, 'YYYYMMDD'));
                CONTINUE WHEN to_regclass(name) IS NOT NULL;
                low := to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00';
                high := to_char(day + 1, 'YYYY-MM-DD') || ' 00:00:00+00';
                created := created + 1;
                IF day = ANY (filled) THEN
                    -- PostgreSQL refuses to create a partition while the default partition holds rows of its day. Such a day is
                    -- filled as a separate table and then attached.
                    EXECUTE format('CREATE TABLE %I (LIKE windows INCLUDING DEFAULTS INCLUDING CONSTRAINTS) WITH (%s)', name, options);
                    EXECUTE format(
                        'WITH moved AS (DELETE FROM %I WHERE window_start >= %L AND window_start < %L RETURNING *)'
                        ' INSERT INTO %I SELECT * FROM moved', rest, low, high, name);
                    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, name, low, high);
                ELSE
                    -- Takes half the time.
                    EXECUTE format(
                        'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L) WITH (%s)', name, parent, low, high, options);
                END IF;
            END LOOP;
            RETURN created;
        END;
        $body$ $create$ || options;

    -- Summarizes new pages in the BRIN index of a day. The check under the lock would read each page that is not summarized.
    EXECUTE $create$
        CREATE FUNCTION summarize_window_partition(window_period text, day date) RETURNS void AS $body$
        BEGIN
            PERFORM brin_summarize_new_values(i.indexrelid)
            FROM pg_index AS i
            JOIN pg_class AS c ON c.oid = i.indexrelid
            JOIN pg_am AS a ON a.oid = c.relam AND a.amname = 'brin'
            WHERE i.indrelid = to_regclass(window_partition_name(window_period, to_char(day, 'YYYYMMDD')));
        END;
        $body$ $create$ || options;

    -- False: the partition holds a window that ends after the cutoff.
    EXECUTE $create$
        CREATE FUNCTION drop_window_partition(window_period text, day date, cutoff timestamptz) RETURNS boolean AS $body$
        DECLARE
            name  constant text := window_partition_name(window_period, to_char(day, 'YYYYMMDD'));
            newer boolean;
        BEGIN
            EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', rtrim(window_partition_name(window_period, ''), '_'));
            IF to_regclass(name) IS NULL THEN
                RETURN true;
            END IF;

            -- Nobody can write any more. The index answers within milliseconds.
            EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE window_end > $1)', name) INTO newer USING cutoff;
            IF NOT newer THEN
                EXECUTE format('DROP TABLE %I', name);
            END IF;
            RETURN NOT newer;
        END;
        $body$ $create$ || options || ' SET enable_seqscan = off';

    -- By default everybody may execute a function.
    REVOKE ALL ON FUNCTION
        window_partition_name(text, text), create_window_partitions(text, date[]), summarize_window_partition(text, date),
        drop_window_partition(text, date, timestamptz)
        FROM PUBLIC;
END;
$migration$;
