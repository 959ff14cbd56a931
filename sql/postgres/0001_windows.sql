-- oldest-program: 0.1.0
-- Windows: one row for each sensor, measurement (column metric), start and end. Statistics and marks are written together.
-- The column metric sorts by bytes, so that its order is the same on every server.
CREATE TABLE sensor_windows (
    sensor_id    integer          NOT NULL,
    metric       text COLLATE "C" NOT NULL,
    window_start timestamptz      NOT NULL,
    window_end   timestamptz      NOT NULL,
    sample_count bigint           NOT NULL,
    mean         double precision NOT NULL,
    m2           double precision NOT NULL,
    min          double precision NOT NULL,
    max          double precision NOT NULL,
    marks        bytea            NOT NULL,
    token        bigint           NOT NULL,
    revision     integer          NOT NULL,
    is_final     boolean          NOT NULL,
    updated_at   timestamptz      NOT NULL,
    PRIMARY KEY (sensor_id, metric, window_start, window_end)
) PARTITION BY RANGE (window_start);

COMMENT ON TABLE sensor_windows IS
    'Statistics of tumbling windows, one partition for each UTC day; m2: sum of squared deviations from the mean';
COMMENT ON COLUMN sensor_windows.marks IS 'The last offset in the statistics of each source (topic id and partition)';
COMMENT ON COLUMN sensor_windows.token IS 'The row version, random and new on every write; an update names the version that it replaces';
COMMENT ON COLUMN sensor_windows.revision IS 'Number of writes with new readings after the first close';

-- The indexed columns never change, so an updated row stays on its page (HOT). The expression is the start as the view
-- sensor_temperatures shows it, by which its readers filter.
CREATE INDEX sensor_windows_times ON sensor_windows
    USING brin (window_start, window_end, (window_start AT TIME ZONE 'UTC')) WITH (pages_per_range = 32);

-- Rows of days without a partition. A row is rewritten at every checkpoint until it is final, so pages keep free space.
CREATE TABLE sensor_windows_default PARTITION OF sensor_windows DEFAULT WITH (fillfactor = 60);

-- open_from is the start of the first open window; null if all windows are closed.
CREATE TABLE checkpoints (
    topic_id    uuid        NOT NULL,
    partition   integer     NOT NULL,
    next_offset bigint      NOT NULL,
    stream_time timestamptz NOT NULL,
    open_from   timestamptz,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (topic_id, partition)
);

COMMENT ON TABLE checkpoints IS 'Every reading of a source below next_offset is durable';

-- The period of the view sensor_temperatures, in one row.
CREATE TABLE window_period (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    period   text    NOT NULL,
    length   interval NOT NULL
);

INSERT INTO window_period (period, length) VALUES ('PT15M', interval '900 seconds');
