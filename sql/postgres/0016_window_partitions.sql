-- oldest-program: 0.1.0
-- The daily partitions are created and dropped by functions of their owner, so that silos may use a role that owns nothing.
-- The body of each runs with the rights of the role that ran this migration, in its schema only. EXECUTE must be granted.
DO $migration$
DECLARE
    options constant text := format('LANGUAGE plpgsql SECURITY DEFINER SET search_path = %I, pg_temp', current_schema());
BEGIN
    EXECUTE $create$
        CREATE FUNCTION create_window_partitions(days date[]) RETURNS integer AS $body$
        DECLARE
            filled  date[];
            day     date;
            name    text;
            low     text;
            high    text;
            created integer := 0;
        BEGIN
            -- Only the parent is locked: every reader and writer of windows locks the parent before a partition.
            LOCK TABLE ONLY sensor_windows IN ACCESS EXCLUSIVE MODE;
            SELECT array_agg(DISTINCT (window_start AT TIME ZONE 'UTC')::date) INTO filled FROM sensor_windows_default
            WHERE window_start >= (SELECT min(d)::timestamp FROM unnest(days) AS d) AT TIME ZONE 'UTC'
                AND window_start < (SELECT max(d) + interval '1 day' FROM unnest(days) AS d) AT TIME ZONE 'UTC';
            FOREACH day IN ARRAY days LOOP
                name := 'sensor_windows_' || to_char(day, 'YYYYMMDD');
                CONTINUE WHEN EXISTS (
                    SELECT FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
                    WHERE i.inhparent = 'sensor_windows'::regclass AND c.relname = name);
                low := to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00';
                high := to_char(day + 1, 'YYYY-MM-DD') || ' 00:00:00+00';
                created := created + 1;
                IF day = ANY (filled) THEN
                    -- PostgreSQL refuses to create a partition while the default partition holds rows of its day. Such a day is
                    -- filled as a separate table and then attached.
                    EXECUTE format(
                        'CREATE TABLE %I (LIKE sensor_windows INCLUDING DEFAULTS INCLUDING CONSTRAINTS) WITH (fillfactor = 60)', name);
                    EXECUTE format(
                        'WITH moved AS (DELETE FROM sensor_windows_default WHERE window_start >= %L AND window_start < %L RETURNING *)'
                        ' INSERT INTO %I SELECT * FROM moved', low, high, name);
                    EXECUTE format('ALTER TABLE sensor_windows ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, low, high);
                ELSE
                    -- Takes half the time.
                    EXECUTE format(
                        'CREATE TABLE %I PARTITION OF sensor_windows FOR VALUES FROM (%L) TO (%L) WITH (fillfactor = 60)',
                        name, low, high);
                END IF;
            END LOOP;
            RETURN created;
        END;
        $body$ $create$ || options;

    -- Summarizes new pages in the BRIN index of a day. The check under the lock would read each page that is not summarized.
    EXECUTE $create$
        CREATE FUNCTION summarize_window_partition(day date) RETURNS void AS $body$
        BEGIN
            PERFORM brin_summarize_new_values(i.indexrelid)
            FROM pg_inherits AS p
            JOIN pg_class AS t ON t.oid = p.inhrelid AND t.relname = 'sensor_windows_' || to_char(day, 'YYYYMMDD')
            JOIN pg_index AS i ON i.indrelid = t.oid
            JOIN pg_class AS c ON c.oid = i.indexrelid
            JOIN pg_am AS a ON a.oid = c.relam AND a.amname = 'brin'
            WHERE p.inhparent = 'sensor_windows'::regclass;
        END;
        $body$ $create$ || options;

    -- False: the partition holds a window that ends after the cutoff.
    EXECUTE $create$
        CREATE FUNCTION drop_window_partition(day date, cutoff timestamptz) RETURNS boolean AS $body$
        DECLARE
            name  constant text := 'sensor_windows_' || to_char(day, 'YYYYMMDD');
            newer boolean;
        BEGIN
            LOCK TABLE ONLY sensor_windows IN ACCESS EXCLUSIVE MODE;
            IF NOT EXISTS (
                SELECT FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'sensor_windows'::regclass AND c.relname = name)
            THEN
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
        create_window_partitions(date[]), summarize_window_partition(date), drop_window_partition(date, timestamptz)
        FROM PUBLIC;
END;
$migration$;
