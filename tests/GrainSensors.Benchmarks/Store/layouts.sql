-- Compares layouts of windows: the log (WAL) and the time of PostgreSQL for a sensor's window, inserted and then rewritten ten times,
-- in batches of 1,000 rows. Run it on an empty database:
--     psql -v n=2 -v ff=60 -v sensors=20000 -f layouts.sql
-- n: measurements of a sensor; ff: fill factor. Compare runs on one server, with full_page_writes off.
-- by_measurement: a row for each measurement. by_window: one row, an array for each statistic. chosen: one row, one array for all
-- statistics, and the columns that do not change first.
\set QUIET on
\pset pager off
SET client_min_messages = notice;

CREATE TABLE by_measurement (
    sensor_id integer NOT NULL, metric text COLLATE "C" NOT NULL, window_start timestamptz NOT NULL, window_end timestamptz NOT NULL,
    sample_count bigint NOT NULL, mean float8 NOT NULL, m2 float8 NOT NULL, min float8 NOT NULL, max float8 NOT NULL,
    marks bytea NOT NULL, token bigint NOT NULL, revision integer NOT NULL, is_final boolean NOT NULL, updated_at timestamptz NOT NULL,
    corrected_by uuid,
    PRIMARY KEY (sensor_id, metric, window_start, window_end)
) WITH (fillfactor = :ff);

CREATE TABLE by_window (
    window_start timestamptz NOT NULL, window_end timestamptz NOT NULL, token bigint NOT NULL, updated_at timestamptz NOT NULL,
    sensor_id integer NOT NULL, revision integer NOT NULL, is_final boolean NOT NULL, period text COLLATE "C" NOT NULL,
    marks bytea NOT NULL, metrics smallint[] NOT NULL, counts bigint[] NOT NULL, means float8[] NOT NULL, m2s float8[] NOT NULL,
    mins float8[] NOT NULL, maxs float8[] NOT NULL, corrected_by uuid,
    PRIMARY KEY (sensor_id, period, window_start)
) WITH (fillfactor = :ff, toast_tuple_target = 8160);

CREATE TABLE chosen (
    window_start timestamptz NOT NULL, window_end timestamptz NOT NULL, sensor_id integer NOT NULL, revision integer NOT NULL,
    is_final boolean NOT NULL, is_due boolean NOT NULL, period text COLLATE "C" NOT NULL, metrics text[] COLLATE "C" NOT NULL,
    corrected_by uuid, token bigint NOT NULL, updated_at timestamptz NOT NULL, statistics float8[] NOT NULL, marks bytea NOT NULL,
    PRIMARY KEY (sensor_id, period, window_start)
) WITH (fillfactor = :ff, toast_tuple_target = 8160);

-- Values of 5,000 windows.
CREATE TABLE content AS
SELECT k, array_agg((5 + floor(random() * 900))::bigint) AS counts, array_agg(random() * 30) AS x, array_agg(random()) AS y,
    array_agg(ARRAY[5 + floor(random() * 900), random() * 30, random(), 19.5, 21.5]) AS statistics
FROM generate_series(0, 4999) AS k, generate_series(1, :n) GROUP BY k;
CREATE INDEX ON content (k);
ANALYZE;
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;

CREATE PROCEDURE fill(layout text, rows integer, sensors integer, insertion text, rewrite text) LANGUAGE plpgsql AS $$
DECLARE
    since   timestamptz := clock_timestamp();
    log     pg_lsn := pg_current_wal_insert_lsn();
BEGIN
    FOR round IN 0..10 LOOP
        FOR chunk IN 0..rows / 1000 - 1 LOOP
            EXECUTE CASE WHEN round = 0 THEN insertion ELSE rewrite END USING chunk, round;
            COMMIT;
        END LOOP;
        IF round = 0 THEN
            ANALYZE;
        END IF;
        IF round IN (0, 10) THEN
            RAISE NOTICE '% %: % B of log and % us for each sensor', layout, CASE round WHEN 0 THEN 'insert' ELSE 'rewrite' END,
                round((pg_current_wal_insert_lsn() - log) / sensors / greatest(round, 1)),
                round(extract(epoch FROM clock_timestamp() - since) * 1e6 / sensors / greatest(round, 1), 1);
            log := pg_current_wal_insert_lsn();
            since := clock_timestamp();
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION new_marks() RETURNS bytea LANGUAGE sql AS
    $$ SELECT decode(repeat('ab', 19) || lpad(to_hex((random() * 16777215)::int), 6, '0'), 'hex') $$;

CALL fill('by_measurement', :sensors * :n, :sensors,
    format('INSERT INTO by_measurement SELECT ($1 * 1000 + i) / %1$s, ''measurement'' || ($1 * 1000 + i) %% %1$s, ''2026-01-01'',
        ''2026-01-01 00:15'', 5, random() * 30, random(), random(), random(), new_marks(), (random() * 1e15)::bigint, 0, false, now()
        FROM generate_series(0, 999) AS i', :n),
    format('UPDATE by_measurement AS w SET sample_count = 5 + $2, mean = k.x, m2 = k.y, min = k.x, max = k.y, marks = k.marks,
        token = k.token, updated_at = now()
        FROM (SELECT ($1 * 1000 + i) / %1$s AS s, (''measurement'' || ($1 * 1000 + i) %% %1$s) COLLATE "C" AS m, random() * 30 AS x,
            random() AS y, new_marks() AS marks, (random() * 1e15)::bigint AS token FROM generate_series(0, 999) AS i OFFSET 0) AS k
        WHERE w.sensor_id = k.s AND w.metric = k.m AND w.window_start = ''2026-01-01'' AND w.window_end = ''2026-01-01 00:15''', :n));

CALL fill('by_window', :sensors, :sensors,
    format('INSERT INTO by_window SELECT ''2026-01-01'', ''2026-01-01 00:15'', (random() * 1e15)::bigint, now(), $1 * 1000 + i, 0, false,
        ''PT15M'', new_marks(), (SELECT array_agg(m::smallint) FROM generate_series(1, %1$s) AS m), c.counts, c.x, c.y, c.x, c.y
        FROM generate_series(0, 999) AS i JOIN content AS c ON c.k = (i + $1 * 7) %% 5000', :n),
    'UPDATE by_window AS w SET counts = k.counts, means = k.x, m2s = k.y, mins = k.x, maxs = k.y, marks = k.marks, token = k.token,
        updated_at = now()
        FROM (SELECT $1 * 1000 + i AS s, c.*, new_marks() AS marks, (random() * 1e15)::bigint AS token
            FROM generate_series(0, 999) AS i JOIN content AS c ON c.k = (i + $1 * 7 + $2 * 13) % 5000 OFFSET 0) AS k
        WHERE w.sensor_id = k.s AND w.period = ''PT15M'' AND w.window_start = ''2026-01-01''');

CALL fill('chosen', :sensors, :sensors,
    format('INSERT INTO chosen SELECT ''2026-01-01'', ''2026-01-01 00:15'', $1 * 1000 + i, 0, false, false, ''PT15M'',
        (SELECT array_agg(''measure'' || m) FROM generate_series(1, %1$s) AS m), null, (random() * 1e15)::bigint, now(), c.statistics,
        new_marks() FROM generate_series(0, 999) AS i JOIN content AS c ON c.k = (i + $1 * 7) %% 5000', :n),
    'UPDATE chosen AS w SET statistics = k.statistics, marks = k.marks, token = k.token, updated_at = now()
        FROM (SELECT $1 * 1000 + i AS s, c.statistics, new_marks() AS marks, (random() * 1e15)::bigint AS token
            FROM generate_series(0, 999) AS i JOIN content AS c ON c.k = (i + $1 * 7 + $2 * 13) % 5000 OFFSET 0) AS k
        WHERE w.sensor_id = k.s AND w.period = ''PT15M'' AND w.window_start = ''2026-01-01''');

SELECT pg_sleep(1.2) \g /dev/null
SELECT relname AS layout, round(100.0 * n_tup_hot_upd / n_tup_upd, 1) AS hot_percent, pg_size_pretty(pg_relation_size(relid)) AS rows,
    pg_size_pretty(pg_indexes_size(relid)) AS index
FROM pg_stat_user_tables WHERE n_tup_upd > 0 ORDER BY 1;
