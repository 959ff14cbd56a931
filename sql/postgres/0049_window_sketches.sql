-- oldest-program: 0.2.0
-- Sketches, from which percentiles are read. Those of windows with readings are in rows of their own: they are many times as large as
-- the rest, and written only when values came. Those of merged windows, which are written once or twice, are in their row.
CREATE TABLE window_sketches (
    window_start timestamptz        NOT NULL,
    window_end   timestamptz        NOT NULL,
    sensor_id    integer            NOT NULL,
    period       text COLLATE "C"   NOT NULL,
    metrics      text[] COLLATE "C" NOT NULL,
    sketches     bytea[]            NOT NULL,
    PRIMARY KEY (sensor_id, period, window_start)
) PARTITION BY LIST (period);

CREATE TABLE window_sketches_default PARTITION OF window_sketches DEFAULT WITH (fillfactor = 60, toast_tuple_target = 8160);

COMMENT ON TABLE window_sketches IS 'Sketches of the values of windows; the view sensor_sketches has a row for each measurement';
COMMENT ON COLUMN window_sketches.sketches IS 'For each measurement; null: none is kept';

SELECT grant_as_on_windows('window_sketches', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']);

ALTER TABLE windows ADD COLUMN has_sketches boolean NOT NULL DEFAULT false;
ALTER TABLE merged_windows ADD COLUMN sketches bytea[];

COMMENT ON COLUMN windows.has_sketches IS
    'The table window_sketches has the row; a sketch counts if it has as many values as the statistics';
COMMENT ON COLUMN merged_windows.sketches IS 'For each measurement a sketch of its values; null: not of all panes';

-- SketchBytes.cs describes the bytes of a sketch. The relative error is 1 %.
-- Bucket i holds the magnitudes in (g^(i-1), g^i] with g = 1.01 / 0.99, and stands for 0.99 * g^i.
CREATE FUNCTION sketch_buckets(sketch bytea) RETURNS TABLE (value double precision, readings bigint)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ROWS 30 AS $body$
DECLARE
    log_gamma  constant double precision := ln(1.01::double precision / 0.99::double precision);
    log_middle constant double precision := ln(0.99::double precision);
    sign   double precision := -1;
    byte   integer;
    number bigint;
    shift  integer := 0;
    -- What the next number is: 0 a number of buckets, 1 the first place, 2 an entry, 3 its gap, 4 the zeros, 5 none.
    field  integer := 0;
    filled integer;
    first  integer;
    place  integer;
    total  bigint := 0;
BEGIN
    IF length(sketch) NOT BETWEEN 1 AND 32787 OR get_byte(sketch, 0) <> 1 THEN
        RAISE EXCEPTION 'the bytes of a quantile sketch are damaged or not of version 1' USING ERRCODE = 'data_corrupted';
    END IF;

    FOR at IN 1 .. length(sketch) - 1 LOOP
        byte := get_byte(sketch, at);
        number := CASE WHEN shift = 0 THEN byte & 127 ELSE number | ((byte & 127)::bigint << shift) END;
        IF byte > 127 THEN
            -- A number has 8 bytes at most.
            shift := shift + 7;
            EXIT WHEN shift > 49;
            CONTINUE;
        END IF;
        EXIT WHEN byte = 0 AND shift > 0;
        shift := 0;

        IF field = 2 THEN
            EXIT WHEN number < 2;
            readings := number >> 1;
            total := total + readings;
            IF number & 1 = 1 THEN
                field := 3;
                CONTINUE;
            END IF;
            place := place + 1;
        ELSIF field = 3 THEN
            EXIT WHEN number NOT BETWEEN 1 AND 2047 OR place < first;
            place := place + 1 + number;
            field := 2;
        ELSIF field = 0 THEN
            EXIT WHEN number > 2048;
            filled := number;
            field := CASE WHEN filled > 0 THEN 1 WHEN sign < 0 THEN 4 ELSE 5 END;
            CONTINUE;
        ELSIF field = 1 THEN
            EXIT WHEN number > 100000;
            first := (number >> 1) # -(number & 1);
            place := first - 1;
            field := 2;
            CONTINUE;
        ELSIF field = 4 THEN
            total := total + number;
            IF number > 0 THEN
                value := 0;
                readings := number;
                RETURN NEXT;
            END IF;
            sign := 1;
            field := 0;
            CONTINUE;
        ELSE
            field := -1;
            EXIT;
        END IF;

        -- The bucket of an entry. 1e-300 is in the lowest one, and the greatest number in the highest one.
        EXIT WHEN total > 9007199254740991 OR place - first > 2047 OR sign * place NOT BETWEEN -34537 AND 35488;
        value := sign * exp(sign * place * log_gamma + log_middle);
        RETURN NEXT;
        filled := filled - 1;
        IF filled = 0 THEN
            field := CASE WHEN sign < 0 THEN 4 ELSE 5 END;
        END IF;
    END LOOP;

    IF field <> 5 OR shift > 0 OR total > 9007199254740991 THEN
        RAISE EXCEPTION 'the bytes of a quantile sketch are damaged or not of version 1' USING ERRCODE = 'data_corrupted';
    END IF;
END;
$body$;

COMMENT ON FUNCTION sketch_buckets IS 'The buckets of a sketch in ascending order: each with the value that it stands for and its readings';

-- NULL without readings, if a sketch is NULL, or if the quantile is not from 0 to 1. As sketches are merged: each sign keeps 2048 buckets
-- up to that of its greatest magnitude, and lower ones count in the lowest of them.
CREATE FUNCTION sketch_quantile(sketches bytea[], quantile double precision, min double precision, max double precision)
RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    WITH buckets AS (
        SELECT b.value, sum(b.readings) AS readings
        FROM unnest(sketches) AS s (sketch)
        CROSS JOIN LATERAL sketch_buckets(s.sketch) AS b
        WHERE quantile BETWEEN 0 AND 1 AND array_position(sketches, NULL) IS NULL
        GROUP BY b.value
    ),
    ranks AS (
        SELECT value, sum(readings) OVER (ORDER BY value) AS end_rank, sum(readings) OVER () AS total,
            min(value) OVER () / (1.01::double precision / 0.99::double precision) ^ 2047 AS negative_end,
            max(value) OVER () / (1.01::double precision / 0.99::double precision) ^ 2047 AS positive_start
        FROM buckets
    )
    SELECT CASE
        WHEN quantile = 0 AND min > '-Infinity' AND min < 'Infinity' THEN min
        WHEN quantile = 1 AND max > '-Infinity' AND max < 'Infinity' THEN max
        ELSE greatest(min, least(max, CASE
            WHEN value > 0 THEN greatest(value, positive_start)
            WHEN value < 0 THEN least(value, negative_end)
            ELSE 0
        END))
    END
    FROM ranks
    WHERE end_rank > floor(quantile * (total - 1)::double precision)
    ORDER BY value
    LIMIT 1
);

COMMENT ON FUNCTION sketch_quantile IS
    'A quantile (0.5: the median) of all readings of sketches, within 1 % and from min to max, the known extremes';

CREATE FUNCTION sketch_count(sketch bytea) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT coalesce(sum(readings), 0)::bigint FROM sketch_buckets(sketch));

COMMENT ON FUNCTION sketch_count IS 'The number of readings in a sketch';

CREATE VIEW sensor_sketches AS
SELECT w.sensor_id, m.metric, w.window_start, w.window_end, w.period, w.statistics[m.n][1]::bigint AS sample_count,
    w.statistics[m.n][4] AS min, w.statistics[m.n][5] AS max, s.sketches[array_position(s.metrics, m.metric)] AS sketch
FROM windows AS w
JOIN window_sketches AS s USING (sensor_id, period, window_start)
CROSS JOIN LATERAL unnest(w.metrics) WITH ORDINALITY AS m (metric, n)
WHERE w.has_sketches AND sketch_count(s.sketches[array_position(s.metrics, m.metric)]) = w.statistics[m.n][1]
UNION ALL
SELECT w.sensor_id, m.metric, w.window_start, w.window_end, w.period, w.statistics[m.n][1]::bigint, w.statistics[m.n][4],
    w.statistics[m.n][5], w.sketches[m.n]
FROM merged_windows AS w
CROSS JOIN LATERAL unnest(w.metrics) WITH ORDINALITY AS m (metric, n)
WHERE w.is_final AND sketch_count(w.sketches[m.n]) = w.statistics[m.n][1];

COMMENT ON VIEW sensor_sketches IS
    'Sketches of windows, counted or merged, a row for each measurement: sketch_quantile(array_agg(sketch), 0.95, min(min), max(max))';

SELECT grant_as_on_windows('sensor_sketches', ARRAY['SELECT']);

-- The partitions of window_sketches are like those of merged_windows: by period, then by month, or by year for a week or more. Functions
-- of the owner create and drop them for both tables.
DO $migration$
DECLARE
    options constant text := format('LANGUAGE plpgsql SECURITY DEFINER SET search_path = %I, pg_temp', current_schema());
BEGIN
    -- window_sketches_pt15m_202601; Etc/GMT+1 and Etc/GMT-1 must differ.
    EXECUTE $create$
        CREATE FUNCTION period_partition_name(of_table text, of_period text, suffix text) RETURNS text AS $body$
        BEGIN
            IF of_table NOT IN ('merged_windows', 'window_sketches') THEN
                RAISE EXCEPTION 'the table "%" has no partitions by period', of_table USING ERRCODE = 'invalid_parameter_value';
            END IF;
            RETURN of_table || '_' || lower(regexp_replace(replace(of_period, '+', 'p'), '[^A-Za-z0-9]+', '_', 'g')) || suffix;
        END;
        $body$ $create$ || options;

    EXECUTE $create$
        CREATE FUNCTION create_period_partition(of_table text, of_period text, first date, months integer) RETURNS boolean AS $body$
        DECLARE
            parent  constant text := period_partition_name(of_table, of_period, '');
            rest    constant text := period_partition_name(of_table, of_period, '_default');
            name    constant text := period_partition_name(of_table, of_period, to_char(first, '"_"YYYYMM'));
            low     constant text := to_char(first, 'YYYY-MM-DD') || ' 00:00:00+00';
            high    constant text := to_char(first + make_interval(months => months), 'YYYY-MM-DD') || ' 00:00:00+00';
            options constant text := 'fillfactor = 60, toast_tuple_target = 8160';
        BEGIN
            IF to_regclass(name) IS NOT NULL THEN
                RETURN false;
            END IF;

            EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', of_table);
            IF to_regclass(name) IS NOT NULL THEN
                RETURN false;
            END IF;

            -- PostgreSQL refuses to create a partition while the default one holds its rows: it is filled, and then attached.
            IF to_regclass(parent) IS NULL THEN
                EXECUTE format(
                    'CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (window_start)',
                    parent, of_table);
                EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT WITH (%s)', rest, parent, options);
                EXECUTE format(
                    'WITH moved AS (DELETE FROM %I WHERE period = %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
                    of_table || '_default', of_period, parent);
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%L)', of_table, parent, of_period);
            END IF;

            EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', parent);
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS) WITH (%s)', name, of_table, options);
            EXECUTE format(
                'WITH moved AS (DELETE FROM %I WHERE window_start >= %L AND window_start < %L RETURNING *)'
                ' INSERT INTO %I SELECT * FROM moved', rest, low, high, name);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, name, low, high);
            RETURN true;
        END;
        $body$ $create$ || options;

    -- False: the partition holds a window that ends after the cutoff.
    EXECUTE $create$
        CREATE FUNCTION drop_period_partition(of_table text, of_period text, first date, cutoff timestamptz) RETURNS boolean AS $body$
        DECLARE
            name  constant text := period_partition_name(of_table, of_period, to_char(first, '"_"YYYYMM'));
            newer boolean;
        BEGIN
            EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', period_partition_name(of_table, of_period, ''));
            IF to_regclass(name) IS NULL THEN
                RETURN true;
            END IF;

            EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE window_end > $1)', name) INTO newer USING cutoff;
            IF NOT newer THEN
                EXECUTE format('DROP TABLE %I', name);
            END IF;
            RETURN NOT newer;
        END;
        $body$ $create$ || options;

    -- Processes that are older call these.
    EXECUTE $create$
        CREATE OR REPLACE FUNCTION create_merged_partition(merged_period text, first date, months integer) RETURNS boolean AS $body$
        BEGIN
            RETURN create_period_partition('merged_windows', merged_period, first, months);
        END;
        $body$ $create$ || options;

    EXECUTE $create$
        CREATE OR REPLACE FUNCTION drop_merged_partition(merged_period text, first date, cutoff timestamptz) RETURNS boolean AS $body$
        BEGIN
            RETURN drop_period_partition('merged_windows', merged_period, first, cutoff);
        END;
        $body$ $create$ || options;

    DROP FUNCTION merged_partition_name(text, text);
    REVOKE ALL ON FUNCTION
        period_partition_name(text, text, text), create_period_partition(text, text, date, integer),
        drop_period_partition(text, text, date, timestamptz)
        FROM PUBLIC;
END;
$migration$;
