-- Compares what readers do in the layout of version 0.1 (a row for each measurement) and in the present one (a row for each window):
-- two days of windows of 15 minutes. Run it on an empty database; the times are milliseconds on the server, the least of three runs:
--     psql -v n=25 -v sensors=500 -f reads.sql
-- n: measurements of a sensor. Compare runs on one server.
\set QUIET on
\set ON_ERROR_STOP on
\pset pager off
\pset tuples_only on
SET client_min_messages = warning;
CREATE SCHEMA old;
CREATE SCHEMA new;

SET search_path = old;
\ir ../../../sql/postgres/0001_windows.sql
\ir ../../../sql/postgres/0010_reconciliation.sql
\ir ../../../sql/postgres/0011_rollups.sql
\ir ../../../sql/postgres/0016_window_partitions.sql
SELECT create_window_partitions(ARRAY['2026-01-01', '2026-01-02']::date[]);
SET search_path = new;
\ir ../../../sql/postgres/0001_windows.sql
\ir ../../../sql/postgres/0010_reconciliation.sql
\ir ../../../sql/postgres/0011_rollups.sql
\ir ../../../sql/postgres/0016_window_partitions.sql
\ir ../../../sql/postgres/0020_windows.sql
\ir ../../../sql/postgres/0027_rollups.sql
SELECT create_window_partitions('PT15M', ARRAY['2026-01-01', '2026-01-02']::date[]);

INSERT INTO old.sensor_windows
SELECT s, 'measurement' || m, t, t + interval '15 minutes', 900, random() * 30, random() * 900, 10, 30,
    '\x00112233445566778899aabbccddeeff0011223344', m * 100000 + s, 0, true, now()
FROM generate_series('2026-01-01 00:00+00'::timestamptz, '2026-01-02 23:45+00', interval '15 minutes') AS t,
    generate_series(0, :sensors - 1) AS s, generate_series(1, :n) AS m;
INSERT INTO new.windows
SELECT window_start, window_end, sensor_id, 0, true, false, 'PT15M', array_agg(metric ORDER BY metric), NULL, min(token), now(),
    array_agg(ARRAY[sample_count, mean, m2, min, max] ORDER BY metric), marks
FROM old.sensor_windows GROUP BY sensor_id, window_start, window_end, marks ORDER BY window_start, sensor_id;
VACUUM (ANALYZE) old.sensor_windows;
VACUUM (ANALYZE) new.windows;

SET max_parallel_workers_per_gather = 0;
CREATE FUNCTION public.least_time(query text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    least numeric;
    plan  json;
BEGIN
    FOR i IN 1..3 LOOP
        EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ' || query INTO plan;
        least := least(least, (plan -> 0 ->> 'Execution Time')::numeric);
    END LOOP;
    RETURN round(least, 1);
END;
$$;

SELECT format('%s: old %s ms, new %s ms', name, public.least_time('SELECT ' || replace(query, 'FROM ', 'FROM old.')),
    public.least_time('SELECT ' || replace(query, 'FROM ', 'FROM new.')))
FROM (VALUES
    ('API: a sensor, two days', $$* FROM sensor_windows WHERE sensor_id = 7 AND window_start >= '2026-01-01' AND window_start < '2026-01-03'$$),
    ('API: all sensors, an hour', $$* FROM sensor_windows WHERE window_start >= '2026-01-02 12:00+00' AND window_start < '2026-01-02 13:00+00'$$),
    ('report: all sensors, a day, a measurement', $$* FROM sensor_windows
        WHERE metric = 'measurement1' AND window_start >= '2026-01-02' AND window_start < '2026-01-03'$$),
    ('sensor_hours: a sensor', '* FROM sensor_hours WHERE sensor_id = 7'),
    ('sensor_days: all sensors, a measurement', $$* FROM sensor_days WHERE metric = 'measurement1'$$),
    ('sensor_days: all', '* FROM sensor_days')) AS queries (name, query);
SELECT format('size: old %s, new %s', pg_size_pretty(sum(pg_total_relation_size(c.oid)) FILTER (WHERE n.nspname = 'old')),
    pg_size_pretty(sum(pg_total_relation_size(c.oid)) FILTER (WHERE n.nspname = 'new')))
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname IN ('old', 'new') AND c.relkind = 'r';
