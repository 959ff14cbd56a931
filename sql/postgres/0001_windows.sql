-- Windows: one row per sensor, metric, start and end; statistics and marks are written together or not at all.
-- metric sorts by bytes, so that its order is the same on every server.
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

COMMENT ON TABLE sensor_windows IS 'Statistics of tumbling windows, a partition per UTC day; m2 is the sum of squared deviations from the mean';
COMMENT ON COLUMN sensor_windows.marks IS 'For each source (topic id, partition) the last offset that the statistics hold';
COMMENT ON COLUMN sensor_windows.token IS 'Random and new on every write; an update must name the one it replaces';
COMMENT ON COLUMN sensor_windows.revision IS 'Writes with new readings after the first close';

-- Neither column ever changes, so a row that is rewritten stays on its page (HOT) whatever is indexed here. The
-- expression is how the view sensor_temperatures shows the start: its readers filter by that.
CREATE INDEX sensor_windows_times ON sensor_windows
    USING brin (window_start, window_end, (window_start AT TIME ZONE 'UTC')) WITH (pages_per_range = 32);

-- What falls on no day that has a partition. A row is rewritten at every checkpoint until it is final, hence the room.
CREATE TABLE sensor_windows_default PARTITION OF sensor_windows DEFAULT WITH (fillfactor = 60);

-- open_from is null where no window has yet to close.
CREATE TABLE checkpoints (
    topic_id    uuid        NOT NULL,
    partition   integer     NOT NULL,
    next_offset bigint      NOT NULL,
    stream_time timestamptz NOT NULL,
    open_from   timestamptz,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (topic_id, partition)
);

COMMENT ON TABLE checkpoints IS 'Everything of a source below next_offset is durable';

-- The period that sensor_temperatures shows; one row.
CREATE TABLE window_period (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    period   text    NOT NULL,
    length   interval NOT NULL
);

INSERT INTO window_period (period, length) VALUES ('PT15M', interval '900 seconds');
