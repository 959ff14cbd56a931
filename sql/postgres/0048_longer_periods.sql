-- oldest-program: 0.2.0
-- Longer periods: which of them are merged, from which panes and from when on; what readers see of them; partitions.
CREATE TABLE merged_periods (
    period      text COLLATE "C" NOT NULL,
    source      text COLLATE "C" NOT NULL,
    is_chained  boolean          NOT NULL,
    first_start timestamptz      NOT NULL,
    end_start   timestamptz,
    panes_from  timestamptz      NOT NULL DEFAULT '-infinity',
    retention   interval,
    removed_at  timestamptz,
    PRIMARY KEY (period, source, is_chained)
);

COMMENT ON TABLE merged_periods IS 'The periods whose windows are merged, each with the panes that it had one after the other';
COMMENT ON COLUMN merged_periods.source IS 'The period of the panes';
COMMENT ON COLUMN merged_periods.is_chained IS 'The panes are in merged_windows, and not in windows';
COMMENT ON COLUMN merged_periods.first_start IS 'Windows that start earlier are not merged: a part of their panes may be missing';
COMMENT ON COLUMN merged_periods.end_start IS 'Windows that start from here on have other panes; null: these';
COMMENT ON COLUMN merged_periods.panes_from IS 'Panes that start earlier may have been deleted, so windows that start earlier stay as they are';
COMMENT ON COLUMN merged_periods.retention IS 'How long windows are kept after their end; null: for ever';
COMMENT ON COLUMN merged_periods.removed_at IS 'When the period left the configuration; for a day it is merged still';

SELECT grant_as_on_windows('merged_periods', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']);

ALTER TABLE merged_windows ADD COLUMN is_chained boolean NOT NULL DEFAULT false, ADD COLUMN is_due boolean NOT NULL DEFAULT false;
DROP INDEX merged_windows_stale;
CREATE INDEX merged_windows_stale ON merged_windows (window_end, sensor_id, period) WHERE is_stale;
CREATE INDEX merged_windows_due ON merged_windows (window_end) WHERE is_due;

COMMENT ON COLUMN merged_windows.is_chained IS 'The panes are in merged_windows, and not in windows';
COMMENT ON COLUMN merged_windows.is_due IS 'The revision is not announced yet';
COMMENT ON COLUMN merged_windows.is_final IS 'The window was merged after its end; until then, longer_windows merges what it has so far';

-- A window that is not final is merged when it is read: from its panes, and from those of panes that are not final themselves.
CREATE VIEW longer_windows AS
SELECT m.sensor_id, s.metric, m.window_start, m.window_end, m.statistics[s.n][1]::bigint AS sample_count, m.statistics[s.n][2] AS mean,
    m.statistics[s.n][3] AS m2, m.statistics[s.n][4] AS min, m.statistics[s.n][5] AS max, m.revision, m.is_final, m.updated_at, m.period,
    m.pane
FROM merged_windows AS m
CROSS JOIN LATERAL unnest(m.metrics) WITH ORDINALITY AS s (metric, n)
WHERE m.is_final
UNION ALL
SELECT m.sensor_id, s.metric, m.window_start, m.window_end, s.sample_count, s.mean, s.m2, s.min, s.max, m.revision, m.is_final,
    m.updated_at, m.period, m.pane
FROM merged_windows AS m
CROSS JOIN LATERAL (
    WITH RECURSIVE sources AS (
        SELECT m.pane, m.is_chained, m.window_start AS low, m.window_end AS high
        UNION ALL
        SELECT n.pane, n.is_chained, n.window_start, n.window_end
        FROM sources AS s
        JOIN merged_windows AS n ON s.is_chained AND n.sensor_id = m.sensor_id AND n.period = s.pane
            AND n.window_start >= s.low AND n.window_start < s.high AND NOT n.is_final
    ),
    panes AS (
        SELECT w.metrics, w.statistics
        FROM sources AS s
        JOIN windows AS w ON NOT s.is_chained AND w.sensor_id = m.sensor_id AND w.period = s.pane
            AND w.window_start >= s.low AND w.window_start < s.high
        UNION ALL
        SELECT n.metrics, n.statistics
        FROM sources AS s
        JOIN merged_windows AS n ON s.is_chained AND n.sensor_id = m.sensor_id AND n.period = s.pane
            AND n.window_start >= s.low AND n.window_start < s.high AND n.is_final
    ),
    rows AS (
        SELECT u.metric, p.statistics[u.n][1] AS n, p.statistics[u.n][2] AS mean, p.statistics[u.n][3] AS m2,
            p.statistics[u.n][4] AS min, p.statistics[u.n][5] AS max,
            sum(p.statistics[u.n][1] * p.statistics[u.n][2]) OVER (PARTITION BY u.metric)
                / sum(p.statistics[u.n][1]) OVER (PARTITION BY u.metric) AS total_mean
        FROM panes AS p
        CROSS JOIN LATERAL unnest(p.metrics) WITH ORDINALITY AS u (metric, n)
        WHERE p.statistics[u.n][1] > 0
    )
    SELECT metric, sum(n)::bigint AS sample_count, total_mean AS mean, 
        sum(m2 + n * CASE WHEN abs(mean - total_mean) < 1e-150 THEN 0 ELSE (mean - total_mean) ^ 2 END) AS m2,
        min(min) AS min, max(max) AS max
    FROM rows
    GROUP BY metric, total_mean) AS s
WHERE NOT m.is_final;

COMMENT ON VIEW longer_windows IS 'Statistics of longer windows, a row for each measurement; of windows that are not final, those so far';

CREATE VIEW contract_windows AS
SELECT w.sensor_id, w.metric, w.window_start, w.window_end, w.sample_count, w.mean, w.m2, w.min, w.max, w.revision, w.is_final, p.length
FROM sensor_windows AS w
CROSS JOIN window_period AS p
WHERE w.period = p.period;

COMMENT ON VIEW contract_windows IS 'Windows of the configured period';

CREATE VIEW contract_windows_named AS
SELECT CASE WHEN w.sensor_id >= 0 THEN w.sensor_id::text ELSE coalesce(n.name, 'unnamed') END AS sensor, w.*
FROM contract_windows AS w
LEFT JOIN sensor_names AS n ON n.number = w.sensor_id;

SELECT grant_as_on_windows('longer_windows', ARRAY['SELECT']);
SELECT grant_as_on_windows('contract_windows', ARRAY['SELECT']);
SELECT grant_as_on_windows('contract_windows_named', ARRAY['SELECT']);

CREATE OR REPLACE VIEW sensor_hours AS
SELECT m.sensor_id, m.metric, s.hour AT TIME ZONE 'UTC' AS hour,
    CASE WHEN s.hour = m.hour THEN m.sample_count ELSE 0 END AS sample_count,
    CASE WHEN s.hour = m.hour THEN m.mean END AS mean,
    CASE WHEN s.hour = m.hour THEN m.stddev END AS stddev,
    CASE WHEN s.hour = m.hour THEN m.min END AS min,
    CASE WHEN s.hour = m.hour THEN m.max END AS max,
    CASE WHEN s.hour = m.hour THEN m.windows ELSE 0 END AS windows,
    CASE WHEN s.hour = m.hour THEN m.coverage ELSE 0 END AS coverage
FROM (
    SELECT sensor_id, metric, hour, sum(sample_count)::bigint AS sample_count, hour_mean AS mean,
        sqrt(sum(m2 + sample_count * CASE WHEN abs(mean - hour_mean) < 1e-150 THEN 0 ELSE (mean - hour_mean) ^ 2 END)
            / sum(sample_count)) AS stddev,
        min(min) AS min, max(max) AS max, count(*) AS windows,
        least(1, count(*) * extract(epoch FROM min(length)) / extract(epoch FROM interval '1 hour'))::double precision AS coverage,
        lead(hour) OVER (PARTITION BY sensor_id, metric ORDER BY hour) AS next
    FROM (
        SELECT *, sum(sample_count * mean) OVER (PARTITION BY sensor_id, metric, hour)
            / sum(sample_count) OVER (PARTITION BY sensor_id, metric, hour) AS hour_mean
        FROM (
            SELECT sensor_id, metric, sample_count, mean, m2, min, max, length,
                date_trunc('hour', window_start AT TIME ZONE 'UTC') AS hour
            FROM contract_windows
            WHERE length <= interval '1 hour'
        ) AS windows
    ) AS windows
    GROUP BY sensor_id, metric, hour, hour_mean
) AS m
CROSS JOIN LATERAL generate_series(m.hour, coalesce(m.next - interval '1 hour', m.hour), interval '1 hour') AS s (hour);

CREATE OR REPLACE VIEW sensor_days AS
SELECT m.sensor_id, m.metric, s.day AT TIME ZONE 'UTC' AS day,
    CASE WHEN s.day = m.day THEN m.sample_count ELSE 0 END AS sample_count,
    CASE WHEN s.day = m.day THEN m.mean END AS mean,
    CASE WHEN s.day = m.day THEN m.stddev END AS stddev,
    CASE WHEN s.day = m.day THEN m.min END AS min,
    CASE WHEN s.day = m.day THEN m.max END AS max,
    CASE WHEN s.day = m.day THEN m.windows ELSE 0 END AS windows,
    CASE WHEN s.day = m.day THEN m.coverage ELSE 0 END AS coverage
FROM (
    SELECT sensor_id, metric, day, sum(sample_count)::bigint AS sample_count, day_mean AS mean,
        sqrt(sum(m2 + sample_count * CASE WHEN abs(mean - day_mean) < 1e-150 THEN 0 ELSE (mean - day_mean) ^ 2 END)
            / sum(sample_count)) AS stddev,
        min(min) AS min, max(max) AS max, count(*) AS windows,
        least(1, count(*) * extract(epoch FROM min(length)) / extract(epoch FROM interval '1 day'))::double precision AS coverage,
        lead(day) OVER (PARTITION BY sensor_id, metric ORDER BY day) AS next
    FROM (
        SELECT *, sum(sample_count * mean) OVER (PARTITION BY sensor_id, metric, day)
            / sum(sample_count) OVER (PARTITION BY sensor_id, metric, day) AS day_mean
        FROM (
            SELECT sensor_id, metric, sample_count, mean, m2, min, max, length,
                date_trunc('day', window_start AT TIME ZONE 'UTC') AS day
            FROM contract_windows
            WHERE length <= interval '1 day'
        ) AS windows
    ) AS windows
    GROUP BY sensor_id, metric, day, day_mean
) AS m
CROSS JOIN LATERAL generate_series(m.day, coalesce(m.next - interval '1 day', m.day), interval '1 day') AS s (day);

-- The partitions of a longer period have a month each, or a year if its windows have a week or more. As those of windows, they are
-- created and dropped by functions of their owner. So is the view of the contract: with merged windows, PostgreSQL cannot join it to
-- other tables by their keys, so those who have none keep the view without them. A merged window stands before one that was counted:
-- it begins after the change to several periods.
DO $migration$
DECLARE
    options constant text := format('LANGUAGE plpgsql SECURITY DEFINER SET search_path = %I, pg_temp', current_schema());
BEGIN
    -- merged_windows_p1d_europe_madrid_202601; Etc/GMT+1 and Etc/GMT-1 must differ.
    EXECUTE $create$
        CREATE FUNCTION merged_partition_name(merged_period text, suffix text) RETURNS text AS $body$
        BEGIN
            RETURN 'merged_windows_' || lower(regexp_replace(replace(merged_period, '+', 'p'), '[^A-Za-z0-9]+', '_', 'g')) || '_' || suffix;
        END;
        $body$ $create$ || options;

    EXECUTE $create$
        CREATE FUNCTION create_merged_partition(merged_period text, first date, months integer) RETURNS boolean AS $body$
        DECLARE
            parent  constant text := rtrim(merged_partition_name(merged_period, ''), '_');
            rest    constant text := merged_partition_name(merged_period, 'default');
            name    constant text := merged_partition_name(merged_period, to_char(first, 'YYYYMM'));
            low     constant text := to_char(first, 'YYYY-MM-DD') || ' 00:00:00+00';
            high    constant text := to_char(first + make_interval(months => months), 'YYYY-MM-DD') || ' 00:00:00+00';
            options constant text := 'fillfactor = 60, toast_tuple_target = 8160';
            filled  boolean;
        BEGIN
            IF to_regclass(name) IS NOT NULL THEN
                RETURN false;
            END IF;

            LOCK TABLE ONLY merged_windows IN ACCESS EXCLUSIVE MODE;
            IF to_regclass(name) IS NOT NULL THEN
                RETURN false;
            END IF;

            IF to_regclass(parent) IS NULL THEN
                EXECUTE format('CREATE TABLE %I PARTITION OF merged_windows FOR VALUES IN (%L) PARTITION BY RANGE (window_start)',
                    parent, merged_period);
                EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT WITH (%s)', rest, parent, options);
            END IF;

            EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', parent);
            EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE window_start >= %L AND window_start < %L)', rest, low, high) INTO filled;
            IF filled THEN
                EXECUTE format('CREATE TABLE %I (LIKE merged_windows INCLUDING DEFAULTS INCLUDING CONSTRAINTS) WITH (%s)', name, options);
                EXECUTE format(
                    'WITH moved AS (DELETE FROM %I WHERE window_start >= %L AND window_start < %L RETURNING *)'
                    ' INSERT INTO %I SELECT * FROM moved', rest, low, high, name);
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, name, low, high);
            ELSE
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L) WITH (%s)', name, parent, low, high, options);
            END IF;
            RETURN true;
        END;
        $body$ $create$ || options;

    -- False: the partition holds a window that ends after the cutoff.
    EXECUTE $create$
        CREATE FUNCTION drop_merged_partition(merged_period text, first date, cutoff timestamptz) RETURNS boolean AS $body$
        DECLARE
            name  constant text := merged_partition_name(merged_period, to_char(first, 'YYYYMM'));
            newer boolean;
        BEGIN
            EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', rtrim(merged_partition_name(merged_period, ''), '_'));
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

    EXECUTE $create$
        CREATE FUNCTION define_contract_windows() RETURNS boolean AS $body$
        DECLARE
            contract text;
            wanted   text := 'Windows of the configured period';
            columns  text := 'sensor_id, metric, window_start, window_end, sample_count, mean, m2, min, max, revision, is_final';
            counted  text;
        BEGIN
            SELECT period INTO contract FROM window_period;
            counted := format(
                'SELECT %s, p.length FROM sensor_windows AS w CROSS JOIN window_period AS p WHERE w.period = p.period',
                regexp_replace(columns, '(\w+)', 'w.\1', 'g'));
            IF EXISTS (SELECT FROM merged_periods WHERE period = contract) THEN
                wanted := format('%s: %s, counted or merged', wanted, contract);
                counted := format(
                    '%s AND w.period = %L AND NOT EXISTS (SELECT FROM merged_windows AS m WHERE m.sensor_id = w.sensor_id'
                    ' AND m.period = w.period AND m.window_start = w.window_start)'
                    ' UNION ALL SELECT %s, p.length FROM longer_windows AS w CROSS JOIN window_period AS p WHERE w.period = %L',
                    counted, contract, regexp_replace(columns, '(\w+)', 'w.\1', 'g'), contract);
            END IF;

            IF wanted = obj_description('contract_windows'::regclass, 'pg_class') THEN
                RETURN false;
            END IF;

            EXECUTE format('CREATE OR REPLACE VIEW contract_windows AS %s', counted);
            EXECUTE format('COMMENT ON VIEW contract_windows IS %L', wanted);
            RETURN true;
        END;
        $body$ $create$ || options;

    REVOKE ALL ON FUNCTION
        define_contract_windows(), merged_partition_name(text, text), create_merged_partition(text, date, integer), drop_merged_partition(text, date, timestamptz)
        FROM PUBLIC;
END;
$migration$;
